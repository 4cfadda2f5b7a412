package import Engine
package import GoTemplate

/// One event as docker's `events` shows it.
package struct DockerEvent: Sendable {
    private let event: EventRecord
    private let attributes: [String: String]
    private let image: String?

    /// What is known of the container of an event.
    package struct Subject: Sendable {
        /// The reference that it was made of.
        package var image: String
        /// Its own.
        package var labels: [String: String]

        /// The reference that it was made of, and its labels.
        package init(image: String, labels: [String: String]) {
            self.image = image
            self.labels = labels
        }
    }

    /// `container` is nil for another event, and where nobody knows any more.
    package init(_ event: EventRecord, container: Subject?) {
        self.event = event
        // What ours say besides is not docker's.
        var attributes = event.attributes.filter { !Self.ours.contains($0.key) }
        switch event.kind {
        case .container:
            attributes.merge(container?.labels ?? [:]) { $1 }
            attributes["image"] = container?.image
            attributes["name"] = event.name
        case .network: attributes.merge(["name": event.name, "type": "bridge"]) { $1 }
        case .volume: attributes["driver"] = "local"
        case .image: attributes["name"] = event.name
        }
        self.attributes = attributes
        image = container?.image
    }

    private static let ours: Set = [EventRecord.service, "restarting"]

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

    /// Whether it meets the conditions of `--filter`.
    package func meets(_ filters: Filters) -> Bool {
        func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
            filters[key].isEmpty || filters[key].contains(where: holds)
        }
        /// `container=web`: an event of a container, by its name or identifier.
        func isAbout(_ kind: EventRecord.Kind) -> Bool {
            any(kind.rawValue) { wanted in
                if kind == .image, event.kind == .container { return image == wanted }
                return event.kind == kind
                    && (event.name == wanted || event.subject.hasPrefix(wanted))
            }
        }
        return any("type") { $0 == event.kind.rawValue }
            && any("event") { wanted in
                event.action == wanted || event.action.hasPrefix(wanted + ":")
            }
            && any("scope") { $0 == "local" } && isAbout(.container) && isAbout(.network)
            && isAbout(.volume) && isAbout(.image) && filters.match(labels: attributes)
    }

    /// The filters that there are.
    package static let filters: Set<String> = [
        "container", "daemon", "event", "image", "label", "network", "scope", "type", "volume",
    ]
}
