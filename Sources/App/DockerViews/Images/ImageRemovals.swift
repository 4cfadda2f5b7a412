package import Engine
import OCI

extension Engine.ImageRemoval {
    /// As `rmi` prints it.
    package var line: String {
        switch self {
        case .untagged(let name): "Untagged: \(name.familiar)"
        case .deleted(let digest), .deletedLayer(let digest): "Deleted: \(digest)"
        }
    }

    /// Whether something went, and not a name alone.
    package var isDeletion: Bool {
        if case .untagged = self { false } else { true }
    }
}

extension ImagePruneReport {
    /// As `prune` prints it: lower case, unlike `rmi`.
    package var lines: [String] {
        guard !removals.isEmpty else { return [] }
        let lines = removals.map { removal in
            let line = removal.line
            return line.prefix(1).lowercased() + line.dropFirst()
        }
        return ["Deleted Images:"] + lines + [""]
    }
}
