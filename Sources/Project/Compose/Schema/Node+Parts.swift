import OrderedCollections

/// The walk over a tree beside the table, one step down; who walks further does so in its closure.
extension Node {
    /// Visits the parts that the table has, in their order, with their path as the one being worked
    /// on; of scalars and empty values only those that `isVisited`. Nothing is visited where the
    /// value is not what the table says.
    func forEachPart(
        _ parts: Shape.Parts,
        where isVisited: (Node) -> Bool,
        _ diagnostics: inout Diagnostics,
        _ visit: (Shape.Part, Node, inout Diagnostics) -> Void
    ) {
        switch (parts, value) {
        case (.fields, .map(let entries)), (.entries, .map(let entries)):
            for index in entries.keys.indices where isVisited(entries.values[index]) {
                let part = parts.entry(entries.keys[index])
                guard part.isKnown else { continue }
                diagnostics.enter(entries.keys[index])
                visit(part, entries.values[index], &diagnostics)
                diagnostics.leave()
            }
        case (.elements(let part), .list(let items)):
            for index in items.indices where isVisited(items[index]) {
                diagnostics.enter(index)
                visit(part, items[index], &diagnostics)
                diagnostics.leave()
            }
        default: return
        }
    }

    /// Changes every part that `isVisited` where it is. What the table does not have is changed too,
    /// with the path of what it is in.
    mutating func updateEachPart(
        _ parts: Shape.Parts,
        where isVisited: (Node) -> Bool = { _ in true },
        _ diagnostics: inout Diagnostics,
        _ change: (Shape.Part, inout Node, inout Diagnostics) -> Void
    ) {
        switch value {
        case .map(var entries):
            value = .null  // Gives up this reference, so that the entries are changed in place.
            for index in entries.keys.indices where isVisited(entries.values[index]) {
                let part = parts.entry(entries.keys[index])
                if part.isKnown { diagnostics.enter(entries.keys[index]) }
                change(part, &entries.values[index], &diagnostics)
                if part.isKnown { diagnostics.leave() }
            }
            value = .map(entries)
        case .list(var items):
            value = .null
            let part = parts.element
            for index in items.indices where isVisited(items[index]) {
                diagnostics.enter(index)
                change(part, &items[index], &diagnostics)
                diagnostics.leave()
            }
            value = .list(items)
        case .null, .bool, .int, .float, .string: return
        }
    }
}
