import OrderedCollections

/// Where a model is loaded from, and against what.
struct ModelSource {
    /// Absolute paths, or `-`.
    var files: [String]
    /// What relative paths are meant against; absolute.
    var directory: String
    /// What paths are made absolute with: empty leaves them as they are.
    var pathDirectory: String
    var environment: [String: String]
    /// Files whose `include` led here, outermost first.
    var includedFrom: [String] = []
    /// Where they include it, outermost first.
    var includePlaces: [Mark] = []
    /// Where the files are named; the command line for the first.
    var place = Mark.commandLine
    /// Path of the attribute that names them.
    var placePath: String?
}

extension LoadSession {
    /// Loads files into one canonical, merged tree without duplicates; nil where there is none.
    mutating func model(_ source: ModelSource) -> Node? {
        var model: Node?
        for path in source.files {
            guard
                let sizes = parse(path, askedAt: source.place, path: source.placePath)?.sizes
            else { continue }
            var documents = takeDocuments(of: path)
            for index in documents.indices {
                guard diagnostics.spend(nodes: sizes[index], at: documents[index].mark) else {
                    return nil
                }
                resolve(&documents[index], path: path, source)
                guard var known = model.take() else {
                    model = documents[index]
                    continue
                }
                Merge.merge(documents[index], into: &known, as: .fields(.project))
                model = known
            }
        }
        guard var whole = model.take() else { return nil }
        diagnostics.kind = .combination
        DuplicateResolver(reportsRepeats: true).resolve(&whole, as: .fields(.project), &diagnostics)
        resolveDefaults(in: &whole, pathBase(source.pathDirectory))
        return whole
    }

    /// Paths that are relative to the model's directory without being written as a path.
    private func resolveDefaults(in model: inout Node, _ base: PathBase) {
        model.update("services") { services in
            services.updateEach { _, service in
                service.update("build") { build in
                    guard build.map != nil else { return }
                    // Empty is what a variable without a value leaves: no folder has that name.
                    if let given = build["context"], given.string?.isEmpty == true {
                        build.set("context", given.with(.string(base.resolve("."))))
                    } else if build["context"]?.isNull ?? true {
                        build.set("context", build.made(.string(base.resolve("."))))
                    }
                }
            }
        }
        model.update("volumes") { volumes in
            volumes.updateEach { _, volume in
                guard volume["driver_opts"]?["o"]?.string == "bind" else { return }
                volume.update("driver_opts") { options in
                    options.update("device") { device in
                        if let path = device.string { device.value = .string(base.absolute(path)) }
                    }
                }
            }
        }
    }

    /// Brings one document into its canonical form, with its includes and extends resolved.
    private mutating func resolve(_ tree: inout Node, path: String, _ source: ModelSource) {
        canonicalise(
            &tree,
            environment: source.environment,
            pathDirectory: source.pathDirectory
        )
        diagnostics.kind = .form
        if let version = tree["version"] {
            diagnostics.warning(
                "the attribute \"version\" is obsolete, it will be ignored",
                at: version.keyMark,
                hint: "remove it"
            )
            tree.set("version", nil)
        }
        diagnostics.kind = .combination
        let start = diagnostics.provenance?.mark ?? 0
        let own = diagnostics.provenance == nil ? nil : tree
        if let include = tree["include"] {
            tree.set("include", nil)
            tree = included(include, path: path, source, into: tree)
        }
        let joined = own == nil ? nil : tree
        tree = extended(tree, path: path, source)
        if let own, let joined { note(own, joined: joined, since: start, source) }
    }

    /// Interpolates a document and brings it into its canonical form, where it is.
    mutating func canonicalise(
        _ tree: inout Node,
        environment: [String: String],
        pathDirectory: String
    ) {
        let outer = diagnostics.kind
        defer { diagnostics.kind = outer }
        diagnostics.kind = .interpolation
        if options.interpolates {
            Interpolation(environment: environment).apply(to: &tree, &diagnostics)
        }
        diagnostics.kind = .form
        let canonicaliser = Canonicaliser(
            base: pathBase(pathDirectory),
            isLenient: !options.interpolates
        )
        canonicaliser.canonicalise(&tree, as: .fields(.project), &diagnostics)
    }
}
