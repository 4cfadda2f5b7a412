package import OrderedCollections

/// One element of `volumes` of a service. compose-spec "volumes".
package struct VolumeMount: Hashable, Codable, Sendable {
    /// What is mounted.
    package enum Source: Hashable, Codable, Sendable {
        /// Absolute path of the host.
        case bind(path: String, createHostPath: Bool)
        /// Key of the project's volumes; nil is an anonymous volume.
        case volume(key: String?, nocopy: Bool)
        case tmpfs(sizeBytes: Int64?, mode: UInt32?)
        /// The content of an image.
        case image(String)
        /// A pipe of Windows.
        case namedPipe(String)
        /// A volume of a cluster.
        case cluster(String)
    }

    /// mount_namespaces(7).
    package enum Propagation: String, Hashable, Codable, Sendable {
        case `private`, slave, shared

        static let words = ["private", "rprivate", "slave", "rslave", "shared", "rshared"]

        /// Docker mounts recursively by default and so do we: `rslave` and `slave` are one.
        init?(_ word: String) {
            guard Self.words.contains(word) else { return nil }
            self.init(rawValue: word.hasPrefix("r") ? String(word.dropFirst()) : word)
        }
    }

    /// What of the mounts beneath a bind is mounted with it.
    package enum Recursion: String, Hashable, Codable, Sendable {
        case enabled, disabled, writable, readonly
    }

    /// compose-spec `source`.
    package var source: Source
    /// Absolute path in the container, not `/` itself.
    package var target: String
    /// compose-spec `read_only`.
    package var readOnly: Bool
    /// Of a bind; nil is the default.
    package var propagation: Propagation?
    /// Of a bind.
    package var recursive: Recursion?
    /// Of a bind (`idmap: host`): the container's user has what the folder's owner has.
    package var mapsOwner = false
    /// Of a bind, for SELinux: `z` is shared, `Z` is not.
    package var selinux: String?
    /// The folder of a volume or an image that is mounted, in the place of the whole.
    package var subpath: String?
    /// Of an anonymous volume.
    package var labels: OrderedDictionary<String, String> = [:]
    /// Of a short `tmpfs`, what tmpfs(5) and mount(8) have beside size and mode.
    package var tmpfsOptions: [String] = []
    /// compose-spec `consistency`.
    package var consistency: String?

    /// Says no more than what must be said.
    package init(source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}

/// One element of `volumes_from`: the mounts of another service or container.
package struct VolumesFrom: Hashable, Codable, Sendable {
    /// Whose mounts they are.
    package enum Source: Hashable, Codable, Sendable {
        case service(String)
        case container(String)
    }

    /// compose-spec `source`.
    package var source: Source
    /// compose-spec `read_only`.
    package var readOnly = false

    /// Reads `[container:]NAME[:ro|:rw]`, the options of Docker's `--volumes-from`; nil for anything else.
    package init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
        let isContainer = parts.count > 1 && parts.first == "container"
        if isContainer { parts.removeFirst() }
        guard let name = parts.popFirst(), !name.isEmpty, parts.count <= 1 else { return nil }
        for option in parts.first?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            switch option {
            // Whether it is labelled for SELinux says the mount that is taken over.
            case "rw", "z", "Z": break
            case "ro": readOnly = true
            default: return nil
            }
        }
        source = isContainer ? .container(String(name)) : .service(String(name))
    }
}
