/// A document on its way into a model.
struct DocumentDraft {
    var tree: Node
    /// The file that it is in.
    let path: String
    let source: ModelSource
    /// What the documents before it make; after the last phase with this one in it.
    var model: Node?
    /// For a load that is explained: the document by itself and joined with what it includes, and how
    /// many layers were there before it.
    fileprivate var noted: (own: Node, joined: Node, start: Int)?

    init(_ tree: Node, path: String, _ source: ModelSource, into model: Node?) {
        self.tree = tree
        self.path = path
        self.source = source
        self.model = model
    }
}

extension DocumentDraft {
    typealias Row = Phase<Self>

    /// What a document of the project goes through, and one that it includes.
    static let phases = [interpolate, canonicalise, dropVersion, include, extend, merge]
    /// The same of a file that services extend: of what it includes and extends only what they name
    /// is looked for.
    static let phasesOfExtended = [interpolate, canonicalise, merge]

    private static let interpolate = Row(.interpolate, finds: .interpolation) { session, draft in
        Interpolation(environment: draft.source.environment, builtins: session.options.builtins)
            .apply(to: &draft.tree, &session.diagnostics)
    }

    private static let canonicalise = Row(.canonicalise, finds: .form) { session, draft in
        let canonicaliser = Canonicaliser(
            base: session.pathBase(draft.source.pathDirectory),
            isLenient: !session.options.runs(.interpolate)
        )
        canonicaliser.canonicalise(&draft.tree, as: .fields(.project), &session.diagnostics)
    }

    private static let dropVersion = Row(.dropVersion, finds: .form) { session, draft in
        guard let version = draft.tree["version"] else { return }
        session.diagnostics.warning(
            "the attribute \"version\" is obsolete, it will be ignored",
            at: version.keyMark,
            hint: "remove it"
        )
        draft.tree.set("version", nil)
    }

    private static let include = Row(.include, finds: .combination) { session, draft in
        let start = session.diagnostics.provenance?.mark
        let own = start == nil ? nil : draft.tree
        if let include = draft.tree["include"] {
            draft.tree.set("include", nil)
            draft.tree = session.included(
                include,
                path: draft.path,
                draft.source,
                into: draft.tree
            )
        }
        if let own, let start { draft.noted = (own, draft.tree, start) }
    }

    private static let extend = Row(.extend, finds: .combination) { session, draft in
        draft.tree = session.extended(draft.tree, path: draft.path, draft.source)
        guard let noted = draft.noted.take() else { return }
        session.note(noted.own, joined: noted.joined, since: noted.start, draft.source)
    }

    private static let merge = Row(.merge, finds: .combination) { _, draft in
        // Moved rather than copied: the model is changed in place.
        var tree = Node(.null, at: draft.tree.mark)
        swap(&tree, &draft.tree)
        guard var model = draft.model.take() else { return draft.model = tree }
        Merge.merge(tree, into: &model, as: .fields(.project))
        draft.model = model
    }
}
