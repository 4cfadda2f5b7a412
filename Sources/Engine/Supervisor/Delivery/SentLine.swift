import Engine

/// A line on its way to a log server.
struct SentLine: Sendable {
    var time: Timestamp
    var isError: Bool
    /// As written, without the newline.
    var text: [UInt8]

    init(_ line: LogLine) {
        time = line.time
        isError = line.stream == .stderr
        text = line.bytes.last == UInt8(ascii: "\n") ? line.bytes.dropLast() : line.bytes
    }

    /// syslog's: informational, or an error. RFC 5424, section 6.2.1.
    var severity: Int { isError ? 3 : 6 }
}

/// What servers are told about the container that wrote a line.
struct LineOrigin: Sendable {
    var host: String
    var processID: Int32
    var id: String
    var name: String
    var image: String
    var imageName: String
    var command: String
    var created: Timestamp
    var tag = ""
    /// Labels and variables that go with each line, by name.
    var attributes: [(name: String, value: String)] = []

    /// Docker's short form.
    var shortID: String { String(id.prefix(12)) }
}
