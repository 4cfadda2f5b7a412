package import ContainerRuntime
import Glibc
import Linux

/// How a further process ended, and the end of what it wrote to both of its streams.
package struct ExecOutput: Hashable, Sendable {
    package var code: Int32
    package var text: String
}

extension Engine {
    /// Runs a further process in a running container to its end; one that is cancelled is killed.
    /// Of what it writes the last 16 KiB are kept.
    ///
    /// - Throws: as `exec`, and `CancellationError`.
    package func output(
        of request: ExecRequest,
        in container: ContainerRecord
    ) async throws -> ExecOutput {
        var pipe = try Pipe.make(flags: O_CLOEXEC | O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        let process: NotedProcess
        do {
            // Of the far end the process has the only copy when this is over.
            let writer = SharedFD(pipe.takeWriter())
            process = try await exec(
                request,
                in: container,
                streams: ExecStdio(output: writer, error: writer)
            )
        }
        // Ends with the pipe, or is cancelled below.
        let reading = Task { await Self.tail(of: reader) }
        let code: Int32
        do { code = try await wait(for: process) } catch {
            reading.cancel()
            throw error
        }
        // Something it left behind may hold the pipe open: what is there now is what counts.
        reading.cancel()
        let text = await reading.value
        try Task.checkCancellation()
        return ExecOutput(code: code, text: text)
    }

    private func wait(for process: NotedProcess) async throws -> Int32 {
        try await withTaskCancellationHandler {
            try await process.wait()
        } onCancel: {
            // Ends at once.
            Task { await process.process.kill() }
        }
    }

    private static let keptBytes = 16 << 10

    /// Reads to the end, or until it is cancelled and nothing more is there.
    private static func tail(of reader: SharedFD) async -> String {
        var kept: [UInt8] = []
        var isLast = false
        while true {
            do {
                let bytes = try await reader.read(upTo: keptBytes)
                if bytes.isEmpty { break }
                kept = (kept + bytes).suffix(keptBytes)
            } catch {
                // Cancelled while it waited: what has come since is read once more.
                if isLast { break }
                isLast = true
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

extension ExecRequest {
    /// A hook is decided already, but for what is the container's.
    package init(_ hook: HookSpec) {
        self.init(arguments: hook.arguments)
        environment = hook.environment.map { EnvironmentChange($0) }
        user = hook.user
        workingDirectory = hook.workingDirectory
        privilege = hook.privilege
    }
}
