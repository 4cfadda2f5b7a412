import OrderedCollections

/// Joins a later tree into an earlier one, both canonical. compose-spec "Merge".
///
/// Lists are only appended and `!reset` leaves an empty node with its tag in place, so that the
/// result can be merged again; `DuplicateResolver` then removes what is doubled or reset.
enum Merge {
    static func merged(
        _ earlier: Node,
        _ later: Node,
        as shape: Shape,
        rule: MergeRule = .standard
    ) -> Node {
        var result = earlier
        merge(later, into: &result, as: shape, rule: rule)
        return result
    }

    /// Joins a later tree into an earlier one where it is: of many documents each is merged into
    /// all before it, which must not be copied each time.
    static func merge(
        _ later: Node,
        into earlier: inout Node,
        as shape: Shape,
        rule: MergeRule = .standard
    ) {
        // A tag speaks for itself; a null says "as before", but is a value among `entries`.
        if later.tag != .none || earlier.tag == .reset || earlier.isNull || rule == .override {
            earlier = later
        } else if later.isNull {
            return
        } else if rule == .replace {
            earlier = later
        } else if rule == .logging {
            if let before = earlier["driver"]?.string, let after = later["driver"]?.string,
                before != after
            {
                earlier = later
            } else {
                join(later, into: &earlier, as: shape, rule: .standard)
            }
        } else {
            join(later, into: &earlier, as: shape, rule: rule)
        }
    }

    /// Two mappings entry by entry, two lists one behind the other; of anything else the later.
    private static func join(
        _ later: Node,
        into earlier: inout Node,
        as shape: Shape,
        rule: MergeRule
    ) {
        switch later.value {
        case .map(let new):
            guard case .map(var entries) = earlier.value else { return earlier = later }
            earlier = later.with(.null)  // Gives up this reference: entries are changed in place.
            join(new, into: &entries, as: shape, rule: rule)
            earlier.value = .map(entries)
        case .list(let new):
            guard case .list(var items) = earlier.value else { return earlier = later }
            earlier = later.with(.null)
            items += new
            earlier.value = .list(items)
        default: earlier = later
        }
    }

    private static func join(
        _ later: Node.Mapping,
        into entries: inout Node.Mapping,
        as shape: Shape,
        rule: MergeRule
    ) {
        let parts = shape.parts
        for (key, entry) in later {
            guard let index = entries.index(forKey: key) else {
                entries[key] = entry
                continue
            }
            let part = parts.entry(key)
            merge(
                entry,
                into: &entries.values[index],
                as: part.shape,
                rule: rule == .entries ? .override : part.merge
            )
        }
    }
}
