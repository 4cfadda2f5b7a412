import OrderedCollections

/// How values come into the project: by which `include`, by which `extends`.
extension Diagnostics {
    /// Where a file was asked for by another one.
    struct Origin: Hashable, Sendable {
        var kind: Problem.Waypoint.Kind
        var place: Mark
    }

    /// One `extends` of a service: what the service says itself, and where it asks for the rest.
    struct Extension: Sendable {
        var own: Node
        var place: Mark
        /// What it extends, with everything that one extends.
        var base: Node
    }

    /// The way of a value from where it was written to the main file, nearest place first.
    func route(of mark: Mark, path: String) -> [Problem.Waypoint] {
        var places = extensionPlaces(of: mark, path: path)
        var place = places.last ?? mark
        var route = places.map { Problem.Waypoint(.extended, sources.position($0)) }
        // Files cannot include each other in a circle, but what tells so must not run in one.
        places.removeAll()
        while let origin = sources.origin(of: place), !places.contains(origin.place) {
            places.append(origin.place)
            route.append(Problem.Waypoint(origin.kind, sources.position(origin.place)))
            place = origin.place
        }
        return route
    }

    /// The `extends` between a value and the service the path is in, nearest to the value first.
    private func extensionPlaces(of mark: Mark, path: String) -> [Mark] {
        guard !extensions.isEmpty, mark.line > 0, path.hasPrefix("services.") else { return [] }
        for chain in chains(at: path.dropFirst("services.".count)) {
            var places: [Mark] = []
            for link in chain {
                if link.own.contains(mark) { return places.reversed() }
                places.append(link.place)
            }
            if chain.last?.base.contains(mark) == true { return places.reversed() }
        }
        return []
    }

    /// The chains of the services that a path may be in: a name may have dots in it.
    private func chains(at path: Substring) -> [[Extension]] {
        path.startsOfPath.compactMap { extensions[String($0)] }
    }

    /// How a hint names another place: `line 5`, or `base.yaml:5` from another file.
    func words(for place: Mark, from mark: Mark) -> String {
        place.file == mark.file
            ? "line \(place.line)" : "\(sources.name(of: place)):\(place.line)"
    }
}

extension Node {
    /// Whether something of this tree was written at the mark.
    func contains(_ mark: Mark) -> Bool {
        if self.mark == mark || keyMark == mark { return true }
        return switch value {
        case .list(let items): items.contains { $0.contains(mark) }
        case .map(let entries): entries.values.contains { $0.contains(mark) }
        default: false
        }
    }
}

extension StringProtocol {
    /// A path and everything that it is in, outermost first: `services`, `services.web`,
    /// `services.web.ports`, `services.web.ports[0]`.
    var startsOfPath: [SubSequence] {
        indices.filter { self[$0] == "." || self[$0] == "[" }.map { self[..<$0] } + [self[...]]
    }
}
