import Logging

/// The log of a command, as lines for people: `warning: the image is for linux/arm64`. What is known
/// besides follows in brackets. A live picture of progress stays below it.
struct MessageLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        Progress.message(Self.text("\(event.level)", "\(event.message)", details))
    }

    /// One line, whatever somebody else's words hold.
    static func text(_ level: String, _ message: String, _ details: [String: String]) -> String {
        let details = details.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let text = "\(level): \(message)"
        let whole = details.isEmpty ? text : "\(text) [\(details.joined(separator: ", "))]"
        return String(decoding: TerminalEscaping.line(Array(whole.utf8)[...]), as: UTF8.self)
    }
}
