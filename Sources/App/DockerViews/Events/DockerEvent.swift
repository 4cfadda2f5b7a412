package import Engine
package import GoTemplate
import OCI

/// One event as docker's `events` shows it.
package struct DockerEvent: Sendable {
    private let event: EventRecord
    private let attributes: [String: String]
    private let image: String?

    /// `container` is nil for another event, and where nobody knows any more.
    package init(_ event: EventRecord, container: EventSubject?) {
        self.event = event
        // What ours say besides is not docker's.
        var attributes = event.attributes.filter { !Self.ours.contains($0.key) }
        if !event.subject.isEmpty {
            switch event.kind {
            case .container:
                attributes.merge(container?.labels ?? [:]) { known, _ in known }
                attributes["image"] = container?.image
                attributes["name"] = event.name
            case .network:
                attributes["name"] = event.name
                attributes.merge(["type": "bridge"]) { known, _ in known }
            case .volume: attributes.merge(["driver": "local"]) { known, _ in known }
            case .image: attributes["name"] = event.name
            }
        }
        self.attributes = attributes
        image = container?.image
    }

    private static let ours: Set = [EventRecord.service, EventRecord.restarting]

    /// `2026-01-02T15:04:05.000000000Z container start ID (image=…, name=…)`
    package var text: String {
        let words = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(HumanTime.nanoseconds(event.time)) \(event.kind.rawValue) \(event.action) "
            + "\(event.subject) (\(words.joined(separator: ", ")))"
    }

    /// The members of docker's JSON, in its order; templates know them by Go's names.
    package var value: GoMap {
        let seconds = GoValue.integer(event.time.nanoseconds / 1_000_000_000)
        let nanoseconds = GoValue.integer(event.time.nanoseconds)
        let actor = GoValue.object([
            ("ID", .string(event.subject)), ("Attributes", .strings(attributes)),
        ])
        let isOld = event.kind == .container || event.kind == .image
        let from = event.kind == .container ? image ?? "" : ""
        var members: [(key: String, value: GoValue)] =
            isOld ? [("status", .string(event.action)), ("id", .string(event.subject))] : []
        if !from.isEmpty { members.append(("from", .string(from))) }
        members += [
            ("Type", .string(event.kind.rawValue)), ("Action", .string(event.action)),
            ("Actor", actor), ("scope", .string("local")), ("time", seconds),
            ("timeNano", nanoseconds),
        ]
        return GoMap(
            members,
            missing: .unknownField(of: "*events.Message"),
            unwritten: [
                ("Status", .string(isOld ? event.action : "")),
                ("ID", .string(isOld ? event.subject : "")), ("From", .string(from)),
                ("Scope", .string("local")), ("Time", seconds), ("TimeNano", nanoseconds),
            ]
        )
    }

    /// Whether it meets the conditions of `--filter`, as docker compares them: a container, network,
    /// volume or daemon by the beginning of its identifier or name, an image whole, its tag left out
    /// or not.
    package func meets(_ filters: Filters) -> Bool {
        func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
            filters[key].isEmpty || filters[key].contains(where: holds)
        }
        let name = attributes["name"] ?? ""
        func begins(_ key: String) -> Bool {
            any(key) { event.subject.hasPrefix($0) || name.hasPrefix($0) }
        }
        func isOf(_ kind: EventRecord.Kind) -> Bool {
            filters[kind.rawValue].isEmpty || event.kind == kind && begins(kind.rawValue)
        }
        let imageName = event.kind == .image ? name : image ?? ""
        let images = [event.subject, imageName].flatMap { [$0, Self.untagged($0)] }
        return any("type") { $0 == event.kind.rawValue }
            && any("event") { wanted in
                event.action == wanted || event.action.hasPrefix(wanted + ":")
            }
            && any("scope") { $0 == "local" } && begins("daemon") && isOf(.container)
            && isOf(.network) && isOf(.volume) && any("image") { images.contains($0) }
            && filters.match(labels: attributes)
    }

    /// A reference without its tag or digest.
    private static func untagged(_ reference: String) -> String {
        // `try?`: what is no reference has neither.
        guard let known = try? ImageReference(reference), Digest(reference) == nil else {
            return reference
        }
        return known.familiarName
    }

    /// The filters that there are.
    package static let filters: Set<String> = [
        "container", "daemon", "event", "image", "label", "network", "scope", "type", "volume",
    ]
}
