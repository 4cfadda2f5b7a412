import ContainerRuntime
import Engine
import Glibc
import GoTemplate
import Linux
import Logging
import OCI
import SystemPackage

/// Sends what one container writes to the server that its log driver names. The log that is kept is
/// read for it, so that nothing is lost while the server is away, but for what rotation drops.
struct LogDelivering: Sendable {
    let id: ContainerID
    let delivery: LogDelivery
    let origin: LineOrigin
    let engine: Engine
    let logger: Logger
    /// A connection that is there already, for the first try.
    let server: LogSink?

    private static let firstPause: Duration = .milliseconds(500)
    private static let longestPause: Duration = .seconds(30)

    /// Sends until the container has ended for good and all its lines are sent, or the task is
    /// cancelled. Where the server is away it is asked again and again, ever more rarely.
    func run() async {
        var pause = Self.firstPause
        var server = server
        while !Task.isCancelled {
            do {
                return try await send(over: server.take()) { pause = Self.firstPause }
            } catch is CancellationError {
                return
            } catch {
                note("\(error)", isNew: pause == Self.firstPause)
            }
            // Cancelled: nobody waits any more.
            do { try await Task.sleep(for: pause) } catch { return }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func send(over server: LogSink?, succeeded: () -> Void) async throws {
        let sink: LogSink
        if let server { sink = server } else { sink = try await connect() }
        var state = try engine.deliveryState(of: id)
        var selection = LogSelection()
        selection.since = state.time
        selection.follow = .whileRunning
        var known = state.count
        let start = state.time
        if state.failure != nil {
            state.failure = nil
            try engine.record(state, of: id)
        }
        try await engine.readLogs(of: [id], selection) { lines in
            var lines = lines[...]
            while known > 0, let line = lines.first, line.time == start {
                lines.removeFirst()
                known -= 1
            }
            guard !lines.isEmpty else { return }
            known = 0
            try await sink.send(lines.flatMap { messages(of: SentLine($0), sink) })
            for line in lines { state.sent(line) }
            try engine.record(state, of: id)
            succeeded()
        }
    }

    private func connect() async throws -> LogSink {
        switch (delivery.form, delivery.address) {
        case (_, let address?): try await LogSink.connect(address)
        case (.journald, nil): try await LogSink.connect(.unixgram("/run/systemd/journal/socket"))
        case (_, nil): try await LogSink.localSyslog()
        }
    }

    private func messages(of line: SentLine, _ sink: LogSink) -> [[UInt8]] {
        switch delivery.form {
        case .syslog(let form, let facility):
            [SyslogText.message(line, origin, form, facility: facility)]
        case .journald: JournalEntry.messages(line, origin)
        case .fluentd(let isPrecise):
            [FluentdMessage.message(line, origin, isPrecise: isPrecise)]
        case .gelf:
            sink.isDatagram
                ? GraylogText.datagrams(
                    of: GraylogText.message(line, origin),
                    identity: .random(in: .min ... .max)
                )
                : [GraylogText.message(line, origin) + [0]]
        }
    }

    /// Says why nothing is sent: in the supervisor's log, and for who looks at the container's.
    private func note(_ failure: String, isNew: Bool) {
        if isNew {
            logger.warning(
                "log not sent",
                metadata: ["container": "\(origin.name)", "error": "\(failure)"]
            )
        }
        do {
            var state = try engine.deliveryState(of: id)
            state.failure = failure
            try engine.record(state, of: id)
        } catch {
            logger.error("delivery of a log not written down", metadata: ["error": "\(error)"])
        }
    }
}

extension LineOrigin {
    /// What there is to say about a container, with the tag and the attributes its log driver is
    /// given.
    ///
    /// - Throws: `TemplateError` for a tag that cannot be filled in.
    init(_ record: ContainerRecord, _ spec: ContainerSpec, _ marks: LogMarks) throws {
        host = Self.hostName()
        processID = getpid()
        id = record.id.text
        name = record.name
        image = record.image.description
        imageName = spec.imageName
        command = spec.process.arguments.joined(separator: " ")
        created = record.createdAt
        attributes = try Self.attributes(record, spec, marks)
        let fields: [(key: String, value: GoValue)] = [
            ("ID", .string(String(id.prefix(12)))), ("FullID", .string(id)),
            ("Name", .string(name)), ("ImageID", .string(String(record.image.hex.prefix(12)))),
            ("ImageFullID", .string(image)), ("ImageName", .string(imageName)),
            ("DaemonName", .string("berth")), ("Command", .string(command)),
            ("Hostname", .string(host)),
        ]
        tag = try Template(parsing: marks.tag ?? "").render(.map(GoMap(fields, missing: .error)))
    }

    private static func attributes(
        _ record: ContainerRecord,
        _ spec: ContainerSpec,
        _ marks: LogMarks
    ) throws -> [(name: String, value: String)] {
        let variables = spec.process.environment.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        func chosen(
            _ all: [(String, String)],
            _ names: [String],
            _ expression: String?
        ) throws -> [(name: String, value: String)] {
            let pattern = try expression.map { try Regex($0) }
            return all.filter { name, _ in
                names.contains(name) || pattern.map { name.contains($0) } == true
            }
        }
        let labels = record.labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return try chosen(labels, marks.labels, marks.labelsExpression)
            + chosen(variables, marks.variables, marks.variablesExpression)
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
