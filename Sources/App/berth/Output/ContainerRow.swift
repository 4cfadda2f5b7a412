import ContainerRuntime
import Engine
import GoTemplate
import OCI

/// One container in the words of `ps`.
struct ContainerRow {
    static let header = ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]
    static let cells = ["Name", "Image", "Command", "Service", "RunningFor", "Status", "Ports"]

    private let container: ObservedContainer
    private let spec: ContainerSpec?
    private let truncates: Bool
    private let now: Timestamp

    init(_ container: ObservedContainer, truncates: Bool, now: Timestamp = .now()) {
        self.container = container
        spec = try? container.record.spec  // a record nobody can read is still listed
        self.truncates = truncates
        self.now = now
    }

    /// The members of docker compose's JSON, in its order.
    var fields: [(name: String, value: String)] {
        let record = container.record
        return [
            ("Command", command), ("CreatedAt", record.createdAt.description),
            ("ExitCode", "\(record.shownExitCode)"),
            ("Health", record.health?.rawValue ?? ""), ("ID", id),
            ("Image", spec?.imageName ?? record.image.description),
            (
                "Labels",
                record.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(
                    separator: ","
                )
            ),
            ("Name", record.name), ("Names", record.name),
            ("Networks", container.endpoints.map(\.networkName).joined(separator: ",")),
            ("Ports", ports), ("Project", record.project ?? ""),
            ("RunningFor", "\(Self.words(from: record.createdAt, to: now)) ago"),
            ("Service", record.service ?? ""), ("State", record.status.rawValue),
            ("Status", status),
        ]
    }

    /// The same for templates, which have `.Label "name"` besides.
    var row: GoMap {
        let labels = container.record.labels
        return RowListing.row(fields) { labels[$0] ?? "" }
    }

    private var id: String { truncates ? container.record.id.short : container.record.id.text }

    private var command: String {
        let text = "\"\((spec?.process.arguments ?? []).joined(separator: " "))\""
        guard truncates, text.count > 20 else { return text }
        return String(text.prefix(19)) + "…"
    }

    /// `Up 3 minutes (healthy)`, `Exited (1) 5 seconds ago`.
    private var status: String {
        let record = container.record
        let code = record.exitCode.map(String.init) ?? "?"
        switch record.status {
        case .created: return record.error == nil ? "Created" : "Created (failed to start)"
        case .running:
            let up = "Up \(Self.words(from: record.startedAt ?? record.createdAt, to: now))"
            guard let health = record.health else { return up }
            return "\(up) (\(health == .starting ? "health: starting" : health.rawValue))"
        case .restarting: return "Restarting (\(code)) \(since(record.finishedAt))"
        case .exited: return "Exited (\(code)) \(since(record.finishedAt))"
        }
    }

    private func since(_ time: Timestamp?) -> String {
        guard let time else { return "" }
        return "\(Self.words(from: time, to: now)) ago"
    }

    private var ports: String {
        let record = container.record
        guard record.status == .running else { return "" }
        return PortColumn.text(
            record.published.map { binding in
                PortColumn.Port(
                    address: binding.hostAddress,
                    published: binding.hostPort.map(Int.init),
                    target: Int(binding.containerPort),
                    transport: binding.transport.rawValue
                )
            }
        )
    }

    private static func words(from start: Timestamp, to end: Timestamp) -> String {
        HumanDuration.text(.nanoseconds(max(0, end.nanoseconds - start.nanoseconds)))
    }
}
