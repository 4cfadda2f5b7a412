import ContainerRuntime
import Glibc
import Linux
import Synchronization

/// Our standard streams for a process in a container: all of them go through pipes, whatever they
/// are. A container that held our terminal could type on it, our file could be rewritten by who may
/// only read its bytes, and a folder would be a way out.
struct ExecStreams: Sendable {
    let stdio: ExecStdio
    private let flows: [Flow]

    /// A pipe's near end and the stream of ours that it belongs to.
    private struct Flow: Sendable {
        var from: SharedFD
        var to: SharedFD
        var isInput: Bool
        var name: String
    }

    private static let names = ["standard input", "standard output", "standard error"]

    /// Without input what is ours stays where it is.
    init(withInput: Bool = true) throws {
        for number in STDIN_FILENO...STDERR_FILENO { try Self.refuseFolder(number) }
        var flows: [Flow] = []
        func stream(_ number: CInt) throws -> SharedFD? {
            if number == STDIN_FILENO && !withInput { return nil }
            // Nothing to read and nowhere to write is what a process has by itself.
            if try StandardStream(number).isNull { return nil }
            let copied = try syscall("fcntl", on: Self.names[Int(number)]) {
                fcntl(number, F_DUPFD_CLOEXEC, 3)
            }
            let ours = SharedFD(OwnedFD(taking: copied))
            var pipe = try Pipe.make(capacity: 1 << 18)
            let (reader, writer) = (SharedFD(pipe.takeReader()), SharedFD(pipe.takeWriter()))
            let isInput = number == STDIN_FILENO
            flows.append(
                Flow(
                    from: isInput ? ours : reader,
                    to: isInput ? writer : ours,
                    isInput: isInput,
                    name: Self.names[Int(number)]
                )
            )
            return isInput ? reader : writer
        }
        let (input, output) = (try stream(STDIN_FILENO), try stream(STDOUT_FILENO))
        // `2>&1`: through two pipes, lines could change places.
        let areOne = try StandardStream(STDOUT_FILENO).isOne(
            with: StandardStream(STDERR_FILENO)
        )
        let error = areOne ? output : try stream(STDERR_FILENO)
        stdio = ExecStdio(input: input, output: output, error: error)
        self.flows = flows
    }

    /// The ends that a process would have, for us to read and write without blocking.
    func farEnds() throws(SyscallError) -> ExecStdio {
        for end in [stdio.input, stdio.output, stdio.error] {
            try end?.with { fd throws(SyscallError) in
                _ = try syscall("fcntl", on: "F_SETFL") { fcntl(fd, F_SETFL, O_NONBLOCK) }
            }
        }
        return stdio
    }

    /// Passes bytes on until the process's output ends. The process has the far ends: they must not
    /// be kept here any longer than until it runs.
    func pump() throws -> Pumping {
        var pipe = try Pipe.make()
        let stopped = SharedFD(pipe.takeReader())
        let (ends, reports) = AsyncStream.makeStream(of: Pumping.End.self)
        for flow in flows {
            try StreamPump.start(
                from: flow.from,
                to: flow.to,
                until: stopped,
                draining: !flow.isInput
            ) { error in
                if !flow.isInput { reports.yield(Pumping.End(name: flow.name, error: error)) }
            }
        }
        return Pumping(
            ends: ends,
            outputs: flows.filter { !$0.isInput }.count,
            stop: SharedFD(pipe.takeWriter())
        )
    }

    /// Threads that pass bytes on.
    final class Pumping: Sendable {
        fileprivate struct End: Sendable {
            var name: String
            var error: SyscallError?
        }

        private let ends: AsyncStream<End>
        private let outputs: Int
        private let stop: Mutex<SharedFD?>

        /// As long as docker waits for what a process left behind and that holds its output.
        private static let grace = Duration.seconds(2)

        fileprivate init(ends: AsyncStream<End>, outputs: Int, stop: SharedFD) {
            self.ends = ends
            self.outputs = outputs
            self.stop = Mutex(stop)
        }

        /// Call when the process has ended: returns when all that it wrote is passed on.
        func finish() async throws {
            // Cancelled below; then there is nothing left to stop.
            let timer = Task {
                do { try await Task.sleep(for: Self.grace) } catch { return }
                stop.withLock { $0 = nil }
            }
            defer { timer.cancel() }
            var left = outputs
            guard left > 0 else { return }
            for await end in ends {
                // Who does not want to read more is told nothing: the process was.
                if let error = end.error, error.errno != EPIPE {
                    throw Failure("cannot write to \(end.name): \(error.reason)")
                }
                left -= 1
                if left == 0 { return }
            }
        }
    }

    private static func refuseFolder(_ number: CInt) throws {
        guard try StandardStream(number).isFolder else { return }
        throw Failure(
            "\(names[Int(number)]) is a folder, which cannot be passed into a container; "
                + "give a file, or < /dev/null"
        )
    }
}
