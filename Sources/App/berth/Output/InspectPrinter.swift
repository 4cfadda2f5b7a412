import DockerViews
import GoTemplate

/// Prints what an `inspect` command finds. What is missing is reported at the end, and the exit code
/// is 1.
struct InspectPrinter {
    private var inspection: Inspection
    private var failures: [Failure] = []

    /// `format` is that of `Inspection`.
    init(format: String?) throws {
        do {
            inspection = try Inspection(format: format, isSeen: Terminal.isInteractive(.out))
        } catch {
            throw Failure("\(error)", exitCode: 64)
        }
    }

    mutating func add(_ object: GoValue) throws {
        do {
            try inspection.add(object)
        } catch {
            failures.append(Failure("\(error)"))
            throw Stop()
        }
    }

    /// The rest is not looked at any more.
    struct Stop: Error {}

    mutating func add(_ failure: Failure) { failures.append(failure) }

    /// Prints everything; throws when something failed.
    func finish() throws {
        for line in inspection.lines { Terminal.line(line) }
        for failure in failures { failure.tell() }
        if !failures.isEmpty { throw Failure(silent: 1) }
    }
}
