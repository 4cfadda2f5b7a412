import ContainerRuntime
import Glibc
import Linux

/// Our standard streams for a process in a container. What is a terminal goes through a pipe: a
/// container that held the terminal itself could type on it (TIOCSTI).
struct ExecStreams: Sendable {
    let stdio: ExecStdio
    private let pumps: [Pump]

    /// A pipe's other end and the stream of ours it belongs to.
    private struct Pump: Sendable {
        var from: SharedFD
        var to: SharedFD
        var isInput: Bool
    }

    init() throws {
        var pumps: [Pump] = []
        func stream(_ number: CInt) throws -> SharedFD {
            let copied = try syscall("fcntl", on: "descriptor \(number)") {
                fcntl(number, F_DUPFD_CLOEXEC, 3)
            }
            let ours = SharedFD(OwnedFD(taking: copied))
            guard isatty(number) == 1 else { return ours }
            var pipe = try Pipe.make()
            let reader = SharedFD(pipe.takeReader())
            let writer = SharedFD(pipe.takeWriter())
            let isInput = number == STDIN_FILENO
            pumps.append(
                isInput
                    ? Pump(from: ours, to: writer, isInput: true)
                    : Pump(from: reader, to: ours, isInput: false)
            )
            return isInput ? reader : writer
        }
        stdio = ExecStdio(
            input: try stream(STDIN_FILENO),
            output: try stream(STDOUT_FILENO),
            error: try stream(STDERR_FILENO)
        )
        self.pumps = pumps
    }

    /// Passes bytes on until the process's output ends; its input is given up when it has ended.
    func pump() -> Pumping {
        Pumping(
            // Both end with the process: the outputs by themselves, the input by `finish`.
            outputs: pumps.filter { !$0.isInput }.map { pump in Task { await Self.copy(pump) } },
            inputs: pumps.filter(\.isInput).map { pump in Task { await Self.copy(pump) } }
        )
    }

    /// Tasks that pass bytes on.
    struct Pumping: Sendable {
        fileprivate var outputs: [Task<Void, Never>]
        fileprivate var inputs: [Task<Void, Never>]

        /// Call when the process has ended.
        func finish() async {
            for input in inputs { input.cancel() }
            for output in outputs { await output.value }
        }
    }

    private static func copy(_ pump: Pump) async {
        do {
            while true {
                // A terminal's descriptor is shared with others and must stay a blocking one.
                try await Readiness.readable(pump.from)
                let bytes = try await pump.from.read(upTo: 64 << 10)
                guard !bytes.isEmpty else { return }
                try await pump.to.write(bytes)
            }
        } catch {
            // The terminal or the process is gone; the process's exit code tells the rest.
        }
    }
}
