/// The flags of a RUN; values are not expanded yet.
package struct RunOptions: Hashable, Sendable {
    /// `--mount`, in order.
    package var mounts: [RunMount] = []
    /// `--network`.
    package var network: Network = .default
    /// `--security=insecure`.
    package var isInsecure = false

    /// Where a step's packets may go.
    package enum Network: String, Hashable, Sendable {
        case `default`, none, host
    }

    /// None is given.
    package init() {}

    init(_ node: InstructionNode) throws(InstructionError) {
        var flags = try InstructionFlags(
            node,
            .init(
                strings: ["network", "security"],
                lists: ["mount"],
                refused: ["device": "devices are not given to builds"]
            )
        )
        for text in flags.takeAll("mount") { mounts.append(try RunMount(text)) }
        if let text = flags.take("network") {
            guard let network = Network(rawValue: text) else {
                throw InstructionError(
                    "invalid network mode \"\(text)\"; write default, none or host"
                )
            }
            self.network = network
        }
        if let text = flags.take("security") {
            guard text == "sandbox" || text == "insecure" else {
                throw InstructionError(
                    "security \"\(text)\" is not valid; write sandbox or insecure"
                )
            }
            isInsecure = text == "insecure"
        }
    }
}

/// `RUN --mount=…`: something that a step sees and that does not become part of its layer.
package struct RunMount: Hashable, Sendable {
    /// `type`.
    package var kind: Kind = .bind
    /// A stage, a named context or an image; nil is the build context.
    package var from: String?
    /// A path in `from`, or what a secret is called.
    package var source: String?
    /// Where the step sees it.
    package var target: String?
    /// Of a cache, a secret or an agent.
    package var id: String?
    /// `readonly`; a bind is unless it says `readwrite`.
    package var isReadOnly = false
    /// Of a cache.
    package var sharing: Sharing = .shared
    /// Without the secret or the agent the step fails.
    package var isRequired = false
    /// Size of a memory file system.
    package var sizeBytes: Int64?
    /// Permission bits of a new cache, a secret or a socket.
    package var mode: UInt32?
    /// Number of their owner.
    package var user: UInt32?
    /// Number of their group.
    package var group: UInt32?
    /// The variable that has the content of a secret.
    package var variable: String?

    /// `type=`.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case bind, cache, tmpfs, secret, ssh
    }

    /// What happens when two steps want one cache at the same time.
    package enum Sharing: String, Hashable, Sendable {
        case shared, `private`, locked
    }
}
