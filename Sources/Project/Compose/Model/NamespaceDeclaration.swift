/// Which namespaces of the kernel a container shares, and with whom: `pid`, `ipc`, `uts`, `cgroup`,
/// `userns_mode`. nil is what is usual.
package struct NamespaceDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `pid`.
    package var pid: Choice?
    /// compose-spec `ipc`.
    package var ipc: Choice?
    /// compose-spec `uts`.
    package var uts: Choice?
    /// compose-spec `cgroup`.
    package var cgroup: Choice?
    /// As written; `host` is the only word that Docker has.
    package var usernsMode: String?
    /// Says nothing yet.
    package init() {}

    /// Whose namespace it is.
    package enum Choice: Hashable, Codable, Sendable {
        case host
        /// The container's own.
        case `private`
        /// Its own, which others may join: of `ipc`.
        case shareable
        /// None at all: of `ipc`.
        case none
        case service(String)
        case container(String)

        /// Reads one of the `words` that an attribute has, `service:NAME` or `container:NAME`.
        init?(_ text: String, words: [String]) {
            switch Neighbour(text) {
            case .service(let name)?: self = .service(name)
            case .container(let name)?: self = .container(name)
            case nil:
                guard words.contains(text) else { return nil }
                switch text {
                case "host": self = .host
                case "private": self = .private
                case "shareable": self = .shareable
                case "none": self = .none
                default: return nil
                }
            }
        }
    }
}

extension Service {
    /// Services whose mounts it has: each once.
    package var mountingServices: [String] {
        var names: [String] = []
        for other in volumesFrom {
            if case .service(let name) = other.source, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Services whose namespaces it shares, the network's first: each once.
    package var sharedServices: [String] {
        var names: [String] = []
        if case .service(let name)? = networkMode { names.append(name) }
        for choice in [namespaces.pid, namespaces.ipc, namespaces.uts, namespaces.cgroup] {
            if case .service(let name)? = choice, !names.contains(name) { names.append(name) }
        }
        return names
    }
}

/// Another container as `network_mode` and the namespaces name it.
enum Neighbour {
    case service(String)
    case container(String)

    init?(_ text: String) {
        if text.hasPrefix("service:") {
            self = .service(String(text.dropFirst("service:".count)))
        } else if text.hasPrefix("container:") {
            self = .container(String(text.dropFirst("container:".count)))
        } else {
            return nil
        }
    }
}
