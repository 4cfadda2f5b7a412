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
    /// Loads files into one canonical, merged tree without doubles; nil where there is none.
    mutating func model(_ source: ModelSource) -> Node? {
        var model: Node?
        for path in source.files {
            guard
                let sizes = parse(path, askedAt: source.place, path: source.placePath)?.sizes
            else { continue }
            var documents = takeDocuments(of: path)
            for index in documents.indices {
                let isRoom = during(.combination) {
                    $0.diagnostics.spend(nodes: sizes[index], at: documents[index].mark)
                }
                guard isRoom else { return nil }
                var draft = DocumentDraft(documents[index], path: path, source, into: model.take())
                documents[index].value = .null  // The draft's is changed in place.
                run(DocumentDraft.phases, on: &draft)
                model = draft.model.take()
            }
        }
        guard let root = model.take() else { return nil }
        var draft = ModelDraft(root: root, source: source)
        run(ModelDraft.phases, on: &draft)
        return draft.root
    }
}
