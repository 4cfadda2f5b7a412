import Linux
package import SystemPackage

/// Something that a step may see by `RUN --mount=type=secret` and that stays out of the image.
package struct BuildSecret: Hashable, Sendable {
    private var source: Source
    /// Of the file that the step sees, where the step does not say so itself.
    package var user: UInt32?
    /// As `user`.
    package var group: UInt32?
    /// Permission bits of that file.
    package var mode: UInt32?

    private enum Source: Hashable, Sendable {
        case file(FilePath)
        case value([UInt8])
    }

    /// BuildKit takes no larger one.
    private static let limit = 500 << 10

    /// One that is read when a step wants it.
    package static func file(_ path: FilePath) -> BuildSecret { BuildSecret(source: .file(path)) }

    /// One that is at hand.
    package static func value(_ bytes: [UInt8]) -> BuildSecret {
        BuildSecret(source: .value(bytes))
    }

    private init(source: Source) { self.source = source }

    func read(_ id: String) throws -> [UInt8] {
        switch source {
        case .value(let bytes): return bytes
        case .file(let path):
            do throws(SyscallError) {
                return try readRegularFile(path, limit: Self.limit)
            } catch {
                throw InstructionError("secret \(id): \(path): \(error.reasonForFile)")
            }
        }
    }
}
