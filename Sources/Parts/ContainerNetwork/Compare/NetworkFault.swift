/// Something that the kernel's network state lacks or has otherwise than the records say.
package struct NetworkFault: Hashable, Sendable, CustomStringConvertible {
    /// What it is about, and by which verb it is put right.
    package enum Subject: Hashable, Sendable {
        /// Our firewall table or the host's forwarding: any network's `ensure`.
        case host
        case network(NetworkConfiguration)
        /// The link between bridge and container is gone and has to be recreated.
        case missingLink(ExpectedConnection)
        /// It is there, but no port of the bridge or down.
        case looseLink(ExpectedConnection)
        case port(PublishedPort)
        /// A chain of others: `admit`.
        case admission
    }

    package var subject: Subject
    /// What a user can look for with other tools.
    package var name: String
    /// What is wrong with it.
    package var reason: String

    package var description: String { "\(name): \(reason)" }
}
