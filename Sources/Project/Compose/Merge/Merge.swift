import OrderedCollections

/// Joins a later tree into an earlier one, both canonical. compose-spec "Merge".
///
/// Lists are only appended and `!reset` leaves an empty node with its tag in place, so that the
/// result can be merged again; `settled` then removes what is doubled or reset.
enum Merge {
    static func merged(
        _ earlier: Node,
        _ later: Node,
        as shape: Shape,
        rule: MergeRule = .standard
    ) -> Node {
        // A tag speaks for itself; a null says "as before", but is a value among `entries`.
        if later.tag != .none || earlier.tag == .reset || earlier.isNull { return later }
        switch (rule, earlier.value, later.value) {
        case (.override, _, _): return later
        case (_, _, .null): return earlier
        case (.replace, _, _): return later
        case (.logging, .map(let old), .map(let new)):
            if let before = old["driver"]?.string, let after = new["driver"]?.string,
                before != after
            {
                return later
            }
            return later.with(.map(mergedEntries(old, new, as: shape, rule: .standard)))
        case (_, .map(let old), .map(let new)):
            return later.with(.map(mergedEntries(old, new, as: shape, rule: rule)))
        case (_, .list(let old), .list(let new)): return later.with(.list(old + new))
        default: return later
        }
    }

    private static func mergedEntries(
        _ earlier: Node.Mapping,
        _ later: Node.Mapping,
        as shape: Shape,
        rule: MergeRule
    ) -> Node.Mapping {
        var result = earlier
        for (key, entry) in later {
            guard let index = result.index(forKey: key) else {
                result[key] = entry
                continue
            }
            let (entryShape, entryRule) = part(key, of: shape, rule)
            result.values[index] = merged(
                result.values[index],
                entry,
                as: entryShape,
                rule: entryRule
            )
        }
        return result
    }

    /// Shape and rule of an entry of a mapping.
    private static func part(
        _ key: String,
        of shape: Shape,
        _ rule: MergeRule
    ) -> (Shape, MergeRule) {
        if rule == .entries { return (.anything, .override) }
        return switch shape {
        case .fields(let fields):
            fields[key].map { ($0.shape, $0.merge) } ?? (.anything, .standard)
        case .named(.form(.ulimit), _): (.anything, .replace)
        case .named(let entry, _), .dictionary(let entry): (entry, .standard)
        case .form(let form): part(key, of: form.long, rule)
        default: (.anything, .standard)
        }
    }
}
