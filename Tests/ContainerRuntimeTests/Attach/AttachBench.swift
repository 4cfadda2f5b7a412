import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A running container of a bench, and those who attach to it.
struct AttachedContainer {
    let bench: ContainerBench
    let running: RunningContainer
    let spec: ContainerSpec

    /// Starts a script; `attached` is called before it executes.
    init(
        _ bench: ContainerBench,
        _ script: String,
        _ streams: Streams?,
        change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws {
        self.bench = bench
        var spec = try bench.shell(script)
        spec.streams = streams
        change(&spec)
        self.spec = spec
        running = try await bench.runtime.create(spec, at: bench.placement()).start()
    }

    func attach(givesInput: Bool = true) async throws -> AttachSpectator {
        AttachSpectator(
            try await AttachConnection.attach(
                to: running.name,
                in: running.directory,
                givesInput: givesInput
            )
        )
    }

    func exec(
        _ script: String,
        size: TerminalSize? = nil,
        user: String = ""
    ) async throws -> (process: ExecProcess, person: AttachSpectator) {
        var process = ProcessSpec(arguments: ["/bin/sh", "-c", script])
        process.user = user
        let started = try await bench.runtime.exec(
            process,
            in: running,
            of: spec,
            stdio: .terminal(size: size)
        )
        return (started, AttachSpectator(try #require(started.terminal)))
    }

    func end() async throws {
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }
}

/// Somebody who is attached, and what they have seen. Used by one task.
final class AttachSpectator {
    let connection: AttachConnection
    private(set) var output: [UInt8] = []
    private(set) var error: [UInt8] = []
    private(set) var code: Int32?

    init(_ connection: AttachConnection) { self.connection = connection }

    var text: String { String(decoding: output, as: UTF8.self) }

    func type(_ text: String) async throws { try await send(.input(Array(text.utf8))) }

    func send(_ message: KeeperMessage) async throws { try await connection.send(message) }

    /// Goes on until the condition holds; false where the connection ends before.
    @discardableResult
    func until(_ condition: (AttachSpectator) -> Bool) async throws -> Bool {
        while !condition(self) {
            guard let event = try await connection.next() else { return condition(self) }
            switch event {
            case .output(let bytes): output += bytes
            case .error(let bytes): error += bytes
            case .exited(let code, _): self.code = code
            case .attached: break
            }
        }
        return true
    }

    func until(_ text: String) async throws {
        let isThere = try await until { $0.text.contains(text) }
        #expect(isThere, "\(self.text)")
    }

    /// Waits for the program's end; its code, or nil where the connection ended without it.
    func end() async throws -> Int32? {
        try await until { $0.code != nil }
        return code
    }
}
