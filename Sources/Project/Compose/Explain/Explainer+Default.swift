/// Values that no file writes: what the load fills in, and from what.
extension Explainer {
    /// The source of a value that is in no layer; its mark is where it was made from.
    func implied(_ path: ValuePath, _ finished: Node) -> Explanation.Source {
        var source = Explanation.Source(
            kind: .default,
            title: "default",
            position: sources.position(finished.mark),
            value: Self.text(finished)
        )
        source.isWinner = true
        let keys = path.steps.map { step in
            if case .key(let key) = step { key } else { "[]" }
        }
        if keys == ["name"] {
            nameSource(&source)
        } else {
            source.because = Self.reason(keys, finished)
        }
        return source
    }

    /// The project's name: the flag, the variable, or the folder.
    private func nameSource(_ source: inout Explanation.Source) {
        source.position = sources.position(.commandLine)
        switch provenance.name {
        case .flag:
            source.kind = .commandLine
            source.title = "command line: --project-name"
            source.because = "it beats COMPOSE_PROJECT_NAME, \"name\" in a file and the folder"
        case .variable:
            source.kind = .environment
            source.title = "variable COMPOSE_PROJECT_NAME"
            if let mark = provenance.scope.origins["COMPOSE_PROJECT_NAME"],
                shell["COMPOSE_PROJECT_NAME"] == nil
            {
                source.position = sources.position(mark)
            }
            source.because = "it beats \"name\" in a file and the folder"
        case .fileOrFolder where provenance.layers.contains { $0.tree["name"] != nil }:
            source.because = "the name in the file, without what a name cannot have"
        case .fileOrFolder:
            source.because = "nothing names the project: it is called after its folder"
        }
    }

    /// Why a value is there although nobody wrote it.
    private static func reason(_ keys: [String], _ finished: Node) -> String {
        switch (keys.first, keys.dropFirst(2).first, keys.last) {
        case ("services", "networks", "default"):
            return "a service that names no network is on \"default\""
        case ("services", "depends_on", "required"):
            return "a dependency is required unless it says not"
        case ("services", "depends_on", _):
            return "implied by what is written here: links, volumes_from or a shared namespace"
        case ("services", "build", "dockerfile"): return "the usual name, in the context"
        case ("services", "build", "context"): return "the project's folder"
        case ("services", "secrets", "target"): return "where secrets are unless they say otherwise"
        case ("services", "pre_start", "image"): return "a hook without an image has its service's"
        case ("networks", _, _) where keys.count == 2 && keys[1] == "default":
            return "a service that names no network is on \"default\""
        case ("networks", "name", _), ("volumes", "name", _), ("secrets", "name", _),
            ("configs", "name", _):
            return "the project's name and the key, of an external one the key"
        default: return "filled in, nothing sets it"
        }
    }
}
