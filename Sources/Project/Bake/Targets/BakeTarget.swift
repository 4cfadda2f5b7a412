/// One image, or whatever its outputs are, that a bake file builds.
package struct BakeTarget: Hashable, Sendable {
    /// As groups and the command line call it.
    package let name: String
    /// What is said of it; the rest is as the builder has it.
    package var fields: [BakeAttribute: BakeField] = [:]

    /// Says nothing yet.
    package init(name: String) { self.name = name }

    /// A text, nil where nothing is said.
    package func text(_ attribute: BakeAttribute) -> String? {
        if case .text(let text) = fields[attribute] { text } else { nil }
    }

    /// The texts of a list, none where nothing is said.
    package func texts(_ attribute: BakeAttribute) -> [String] {
        if case .texts(let texts) = fields[attribute] { texts } else { [] }
    }

    /// Whether a flag is set.
    package func flag(_ attribute: BakeAttribute) -> Bool { fields[attribute] == .flag(true) }

    /// Entries by name, in the order of names.
    package func map(_ attribute: BakeAttribute) -> [(key: String, value: String)] {
        guard case .map(let map) = fields[attribute] else { return [] }
        return map.sorted { $0.key < $1.key }
    }

    /// Lists of options.
    package func options(_ attribute: BakeAttribute) -> [BakeOptions] {
        if case .options(let options) = fields[attribute] { options } else { [] }
    }

    /// Puts what another one says over this.
    mutating func merge(_ later: BakeTarget) {
        for (attribute, field) in later.fields {
            fields[attribute] = Self.merged(fields[attribute], field, attribute)
        }
    }

    private static func merged(
        _ earlier: BakeField?,
        _ later: BakeField,
        _ attribute: BakeAttribute
    ) -> BakeField {
        switch (earlier, later) {
        case (.map(let first), .map(let second)): .map(first.merging(second) { $1 })
        case (.texts(let first), .texts(let second)) where attribute.accumulates:
            .texts(first + second.filter { !first.contains($0) })
        case (.options(let first), .options(let second)) where attribute.accumulates:
            .options(joined(first, second, attribute))
        default: later
        }
    }

    /// A later attestation, secret or agent takes the place of an earlier one of its type or name.
    private static func joined(
        _ first: [BakeOptions],
        _ second: [BakeOptions],
        _ attribute: BakeAttribute
    ) -> [BakeOptions] {
        let key: String? =
            switch attribute {
            case .attest: "type"
            case .secret, .ssh: "id"
            default: nil
            }
        let kept = first.filter { old in
            guard let key else { return !second.contains(old) }
            return !second.contains { $0.values[key] == old.values[key] }
        }
        return kept + second
    }
}
