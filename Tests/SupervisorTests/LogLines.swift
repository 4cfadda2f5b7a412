import Logging
import Synchronization

/// What is logged, with its metadata.
final class LogLines: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock(\.self) }

    var logger: Logger { Logger(label: "relays") { _ in Lines(lines: self) } }

    func until(_ condition: ([String]) -> Bool) async throws {
        while !condition(lines) { try await Task.sleep(for: .milliseconds(5)) }
    }

    private struct Lines: LogHandler {
        var lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
            lines.all.withLock { $0.append("\(event.message) \(facts)") }
        }
    }
}
