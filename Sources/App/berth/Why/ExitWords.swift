import ContainerRuntime
import DockerViews
import Engine
import KernelNames

/// How a program ended, in words, and what usually helps.
struct ExitWords: Equatable {
    /// `ended with exit code 3`
    var words: String
    var remedy: String?

    /// Of the last run of a container that does not run.
    init(_ record: ContainerRecord, memoryBytes: Int64?) {
        let code = record.lastCode ?? 0
        if record.oomKilled {
            let limit = memoryBytes.map { " of \(HumanSize.binary(UInt64(clamping: $0)))" } ?? ""
            words =
                "was killed (exit code \(code)) because its memory was used up"
                + (memoryBytes == nil ? "" : ": its limit\(limit) was reached")
            remedy =
                memoryBytes == nil
                ? "the machine ran short of memory: free some, or limit what else runs"
                : "raise `mem_limit` (`deploy.resources.limits.memory`), or make it use less"
            return
        }
        if let error = record.error {
            words = "ended: \(error)"
            return
        }
        switch code {
        case 0: words = "ended by itself with exit code 0, which is a success"
        case 126:
            words = "ended with exit code 126: a command in it cannot be executed"
            remedy = "look at the file's mode, its `#!` line, and the image's platform"
        case 127:
            words = "ended with exit code 127: a command in it was not found"
            remedy = "look at `command`, `entrypoint` and PATH of the image"
        case 129...192:
            let signal = Signal(number: code - 128)
            words = "ended with exit code \(code), as a program does that \(signal.name) ends"
            remedy = Self.remedies[signal.name]
        default: words = "ended with exit code \(code)"
        }
    }

    private static let remedies = [
        "SIGKILL": "somebody killed it, or it did not end within its `stop_grace_period`, or the "
            + "kernel had no memory left (`dmesg` says so)",
        "SIGSEGV": "the program has a fault, or does not fit the image's libraries or platform",
        "SIGABRT": "the program gave up: its last lines usually say why",
        "SIGILL": "the program asks for a processor that this machine does not have",
        "SIGSYS": "a system call was refused: see `security_opt` seccomp",
    ]
}
