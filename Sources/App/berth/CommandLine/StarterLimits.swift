import Glibc
import Linux

/// What whoever starts berth may have limited, for this process alone: containers have the limits
/// of their own.
enum StarterLimits {
    /// A command has some twenty descriptors of its own, and ends in the middle where it gets none.
    private static let fewestDescriptors: UInt64 = 64

    /// Raises what is too low to work with, or says what is and ends the process.
    static func raise() {
        FileSizeLimit.lift()
        // `try?`: what cannot be asked is not known to be too low.
        guard let limit = try? DescriptorLimit.ensure(fewestDescriptors),
            limit.soft < fewestDescriptors
        else { return }
        Failure(
            "only \(limit.soft) files may be open at the same time here (`ulimit -n`), "
                + "and berth needs \(fewestDescriptors); raise the limit: `ulimit -n 1024`"
        ).tell()
        exit(1)
    }
}
