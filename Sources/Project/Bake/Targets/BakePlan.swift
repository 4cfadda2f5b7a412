import TextForms

/// What is to be built, everything decided.
package struct BakePlan: Hashable, Sendable {
    /// Names of targets and groups, by the name of the group that has them; `default` is what was asked for.
    package var groups: [String: [String]] = [:]
    /// By name, sorted; those that others only build upon among them.
    package var targets: [BakeTarget] = []
    /// Those that nobody asked for: they are built for others.
    package var linked: Set<String> = []

    /// The document that `--print` gives.
    package var text: String {
        let groups = groups.sorted { $0.key < $1.key }.map { name, members in
            JSONValue.Member(
                name: name,
                value: .object([
                    .init(name: "targets", value: .array(members.map { .string($0) }))
                ])
            )
        }
        let targets = targets.map { JSONValue.Member(name: $0.name, value: $0.json) }
        let document = JSONValue.object([
            .init(name: "group", value: .object(groups)),
            .init(name: "target", value: .object(targets)),
        ])
        var out = ""
        for character in document.text() { out += character == "\t" ? "  " : String(character) }
        return out
    }
}

extension BakeTarget {
    /// As buildx prints it.
    var json: JSONValue {
        .object(
            BakeAttribute.allCases.compactMap { attribute in
                guard attribute != .inherits, let field = fields[attribute],
                    let value = Self.json(field, attribute)
                else { return nil }
                return .init(name: attribute.rawValue, value: value)
            }
        )
    }

    private static func json(_ field: BakeField, _ attribute: BakeAttribute) -> JSONValue? {
        switch field {
        case .text(let text): return .string(text)
        case .flag(let flag): return .bool(flag)
        case .texts(let texts): return texts.isEmpty ? nil : .array(texts.map { .string($0) })
        case .map(let map):
            guard !map.isEmpty else { return nil }
            return .object(
                map.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .string($0.value)) }
            )
        case .options(let all):
            return all.isEmpty ? nil : .array(all.map { json($0, attribute) })
        }
    }

    private static func json(_ options: BakeOptions, _ attribute: BakeAttribute) -> JSONValue {
        let order = ["id", "paths", "src", "env"]
        let isNamed = attribute == .secret || attribute == .ssh
        let sorted = options.values.sorted { $0.key < $1.key }
        let entries =
            isNamed
            ? order.compactMap { key in options.values[key].map { (key: key, value: $0) } }
                + sorted.filter { !order.contains($0.key) } : sorted
        return .object(
            entries.map { key, value in
                if attribute == .ssh, key == "paths" {
                    return .init(name: key, value: .array([.string(value)]))
                }
                let isFlag = attribute == .attest && key == "disabled"
                return .init(
                    name: key,
                    value: isFlag ? .bool(value == "true") : .string(value)
                )
            }
        )
    }
}
