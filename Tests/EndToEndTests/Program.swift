import Foundation

/// A process whose end can be awaited from any task.
final class Program: @unchecked Sendable {
    // `@unchecked`: `process` is set up before `start` and only asked and signalled after.
    let process = Process()
    private let ended: AsyncStream<Int32>
    private let tell: AsyncStream<Int32>.Continuation

    init() {
        (ended, tell) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
    }

    func start() throws {
        let tell = tell
        process.terminationHandler = { process in
            tell.yield(
                process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus)
            tell.finish()
        }
        try process.run()
    }

    /// Its exit code, 128 + the signal when it was killed. Once.
    func end() async -> Int32 {
        for await status in ended { return status }
        return -1
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }
}
