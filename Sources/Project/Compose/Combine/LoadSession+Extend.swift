import OrderedCollections

/// compose-spec "Extends": the service extended is merged beneath the one that extends it.
extension LoadSession {
    /// The document with `extends` of every service resolved.
    mutating func extended(_ document: Node, path: String, _ source: ModelSource) -> Node {
        guard let services = document["services"]?.map,
            services.values.contains(where: { $0["extends"] != nil })
        else { return document }
        var resolver = Resolver(services: services, path: path, source: source)
        var result = document
        result.update("services") { node in
            node.updateEach { name, service in
                service = resolver.resolved(name, &self) ?? service
                guard let chain = resolver.chains[name] else { return }
                diagnostics.extensions[name] = chain
            }
        }
        return result
    }

    /// Resolves the services of one document or extended file, each once.
    struct Resolver {
        let services: Node.Mapping
        let path: String
        let source: ModelSource
        /// Services being resolved, `name in file`, outermost first.
        var chain: [String] = []
        private var done: [String: Node] = [:]
        /// What each service resolved extends, for messages.
        private(set) var chains: [String: [Diagnostics.Extension]] = [:]
        /// The chain of the base found last.
        private var baseChain: [Diagnostics.Extension] = []

        init(services: Node.Mapping, path: String, source: ModelSource, chain: [String] = []) {
            self.services = services
            self.path = path
            self.source = source
            self.chain = chain
        }

        /// The service with what it extends beneath it; nil when there is no such service.
        mutating func resolved(_ name: String, _ session: inout LoadSession) -> Node? {
            if let known = done[name] { return known }
            guard let service = services[name] else { return nil }
            if session.diagnostics.isOver { return service }
            guard let extends = service["extends"], let target = extends["service"] else {
                return service
            }
            let link = "\(name) in \(session.displayName(of: path))"
            guard !chain.contains(link) else {
                session.diagnostics.problem(
                    "circular reference: \((chain + [link]).joined(separator: " -> "))",
                    at: target.mark,
                    path: "services.\(name).extends"
                )
                return nil
            }
            var own = service
            own.set("extends", nil)
            guard isRoom(chain.count, for: name, target, &session) else {
                session.diagnostics.incomplete.insert(name)
                return own
            }
            chain.append(link)
            defer { chain.removeLast() }
            baseChain = []
            guard var base = base(of: name, extends, target, &session),
                isRoom(baseChain.count, for: name, target, &session)
            else {
                session.diagnostics.incomplete.insert(name)
                return own
            }
            chains[name] =
                [Diagnostics.Extension(own: service, place: target.mark, base: base)] + baseChain
            guard session.diagnostics.spend(nodes: base.size, at: target.mark) else { return own }
            DuplicateResolver().resolve(&base, as: .fields(.service), &session.diagnostics)
            let result = Merge.merged(base, own, as: .fields(.service))
            done[name] = result
            return result
        }

        /// Whether one more service may extend so many in a row; reported where not, once.
        private func isRoom(
            _ count: Int,
            for name: String,
            _ target: Node,
            _ session: inout LoadSession
        ) -> Bool {
            guard !session.extendsTooMany else { return false }
            guard count >= session.limits.chain else { return true }
            session.extendsTooMany = true
            session.diagnostics.problem(
                "more than \(session.limits.chain) services extend each other",
                at: target.mark,
                path: "services.\(name).extends"
            )
            return false
        }

        private mutating func base(
            of name: String,
            _ extends: Node,
            _ target: Node,
            _ session: inout LoadSession
        ) -> Node? {
            let wanted = target.string ?? ""
            let before = session.diagnostics.count
            guard let file = extends["file"], let text = file.string else {
                if let found = resolved(wanted, &session) {
                    baseChain = chains[wanted] ?? []
                    return found
                }
                if session.diagnostics.count == before {
                    missing(wanted, for: name, target, among: services, "", &session)
                }
                return nil
            }
            let place = "services.\(name).extends.file"
            var other = session.pathBase(source.directory).resolve(text)
            if PathBase.isRemoteFile(text) {
                guard let fetched = session.localFile(of: text, at: file.mark, path: place) else {
                    return nil
                }
                other = fetched
            }
            let document = session.extendedFile(other, askedAt: file.mark, path: place, source)
            guard let document else {
                if session.diagnostics.count == before {
                    let place = " in \(session.displayName(of: other))"
                    missing(wanted, for: name, target, among: [:], place, &session)
                }
                return nil
            }
            let directory = PathBase.parent(other)
            var inner = source
            inner.pathDirectory = session.pathDirectory(directory)
            inner.directory = directory
            let services = document["services"]?.map ?? [:]
            var resolver = Resolver(services: services, path: other, source: inner, chain: chain)
            if let found = resolver.resolved(wanted, &session) {
                baseChain = resolver.chains[wanted] ?? []
                return found
            }
            if session.diagnostics.count == before {
                let place = " in \(session.displayName(of: other))"
                missing(wanted, for: name, target, among: services, place, &session)
            }
            return nil
        }

        private func missing(
            _ wanted: String,
            for name: String,
            _ target: Node,
            among services: Node.Mapping,
            _ place: String,
            _ session: inout LoadSession
        ) {
            session.diagnostics.problem(
                "cannot extend service \"\(name)\": service \"\(wanted)\" not found\(place)",
                at: target.mark,
                hint: session.diagnostics.suggestion(for: wanted, among: services.keys),
                path: "services.\(name).extends"
            )
        }
    }

    /// The canonical documents of a file that is extended, merged; its includes do not count.
    private mutating func extendedFile(
        _ path: String,
        askedAt place: Mark,
        path attribute: String,
        _ source: ModelSource
    ) -> Node? {
        let directory = pathDirectory(PathBase.parent(path))
        let key = directory + "\n" + path
        if let known = extendedFiles[key] { return known }
        guard let file = parse(path, askedAt: place, by: .extended, path: attribute) else {
            return nil
        }
        var inner = source
        inner.pathDirectory = directory
        var model: Node?
        for document in file.documents ?? [] {
            var draft = DocumentDraft(document, path: path, inner, into: model.take())
            nested { $0.run(DocumentDraft.phasesOfExtended, on: &draft) }
            model = draft.model.take()
        }
        extendedFiles[key] = model
        return model
    }
}
