import Glibc
import Linux

/// A program that a test started, with what it writes.
final class Program: Sendable {
    private let process: ProcessFD
    private let out: SharedFD
    private let err: SharedFD
    /// Writing end of its standard input, when it has one: closed with this object.
    private let input: SharedFD?

    /// Starts `command`, whose first word is a path.
    init(
        _ command: [String],
        environment: [String: String],
        directory: String,
        hasInput: Bool = false
    ) throws {
        var outPipe = try Pipe.make()
        var errPipe = try Pipe.make()
        var request = SpawnRequest(program: command[0], arguments: command)
        request.environment = environment.map { "\($0)=\($1)" }
        request.workingDirectory = directory
        request.descriptors[1] = SharedFD(outPipe.takeWriter())
        request.descriptors[2] = SharedFD(errPipe.takeWriter())
        if hasInput {
            var inPipe = try Pipe.make()
            request.descriptors[0] = SharedFD(inPipe.takeReader())
            input = SharedFD(inPipe.takeWriter())
        } else {
            input = nil
        }
        process = try spawn(request)
        out = SharedFD(outPipe.takeReader())
        err = SharedFD(errPipe.takeReader())
    }

    var pid: Int32 { process.pid }

    func signal(_ number: CInt) throws { _ = try process.signal(number) }

    /// Waits for its end. Once.
    func end() async throws -> TestMachine.Output {
        async let outBytes = Self.readAll(out)
        async let errBytes = Self.readAll(err)
        let status =
            switch try await process.exitStatus() {
            case .exited(let code): code
            case .signaled(let number): 128 + number
            }
        return try await TestMachine.Output(
            status: status,
            out: String(decoding: outBytes, as: UTF8.self),
            err: String(decoding: errBytes, as: UTF8.self)
        )
    }

    /// Some of what it writes to standard output.
    func firstOutput() async throws -> String {
        String(decoding: try await out.read(upTo: 64), as: UTF8.self)
    }

    private static func readAll(_ fd: SharedFD) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            try await Readiness.readable(fd)
            let more = try await fd.read(upTo: 64 << 10)
            if more.isEmpty { return bytes }
            bytes += more
        }
    }
}
