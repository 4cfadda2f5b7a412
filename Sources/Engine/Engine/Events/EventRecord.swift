/// Something that happened to a container, network, volume or image.
package struct EventRecord: Hashable, Sendable {
    /// Rises with every event; a reader goes on after the last one it saw.
    package var sequence: Int64
    /// When it was written down.
    package var time: Timestamp
    package var kind: Kind
    /// Docker's word: `create`, `start`, `die`, `destroy`, `connect`, `health_status: healthy`, …
    package var action: String
    /// The identifier; a volume's and an image reference's is its name.
    package var subject: String
    package var name: String
    package var project: String?
    package var attributes: [String: String]

    /// What a record is about.
    package enum Kind: String, Hashable, Sendable { case container, network, volume, image }

    /// The attribute that names the service of a container.
    package static let service = "service"

    /// The attribute of a `die` after which the restart policy starts the container again.
    package static let restarting = "restarting"

    /// How a run ended, of a `die` alone: 137 where nobody saw it, as listings show it.
    package var end: (exitCode: Int32, isRestarting: Bool)? {
        guard kind == .container, action == "die" else { return nil }
        return (
            attributes["exitCode"].flatMap { Int32($0) } ?? ContainerRecord.unseenExitCode,
            attributes[Self.restarting] != nil
        )
    }
}
