package import Engine
import GoTemplate

/// One event as docker compose shows it: what happened to which container.
package struct EventRow: Sendable {
    private let event: EventRecord
    private let attributes: [String: String]
    /// Empty for a container of no service.
    package let service: String
    /// A container of `run`, whose events docker compose does not show.
    package let isOneOff: Bool

    /// Labels of the project are no attributes here. nil is a container of which nobody knows more.
    package init(_ event: EventRecord, container: EventSubject?) {
        self.event = event
        var attributes = event.attributes
        service = attributes.removeValue(forKey: EventRecord.service) ?? ""
        attributes[EventRecord.restarting] = nil
        let labels = container?.labels.filter { !$0.key.hasPrefix(Self.projectLabels) }
        attributes.merge(labels ?? [:]) { known, _ in known }
        attributes["name"] = event.name
        attributes["image"] = container?.image
        self.attributes = attributes
        isOneOff = container?.labels[Self.projectLabels + "oneoff"] == "True"
    }

    private static let projectLabels = "com.docker.compose."

    /// `2026-01-02 15:04:05.000000 container start ID (image=…, name=…)`, in local time.
    package var composeText: String {
        let words = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(HumanTime.microseconds(event.time)) container \(event.action) \(event.subject) "
            + "(\(words.joined(separator: ", ")))"
    }

    /// The object of docker compose's `--json`.
    package var composeJSON: String {
        GoValue.map(
            GoMap([
                ("action", .string(event.action)), ("attributes", .strings(attributes)),
                ("id", .string(event.subject)), ("service", .string(service)),
                ("time", .string(event.time.description)), ("type", .string("container")),
            ])
        ).json(escapesHTML: true)
    }
}
