import TextForms

/// The flags of one instruction, checked against those it may have.
struct InstructionFlags {
    private var values: [String: [String]] = [:]

    /// Which flags an instruction has.
    struct Known {
        /// With a value, once.
        var strings: Set<String> = []
        /// With a value, as often as one likes.
        var lists: Set<String> = []
        /// `--name`, `--name=true`, `--name=false`.
        var booleans: Set<String> = []
        /// Those of the language that are not carried out, and what to say about them.
        var refused: [String: String] = [:]

        var names: Set<String> { strings.union(lists).union(booleans) }
    }

    /// Takes the flags of an instruction; those that it does not have are refused.
    init(_ node: InstructionNode, _ known: Known = Known()) throws(InstructionError) {
        for flag in node.flags {
            let body = flag.dropFirst(2)
            let name = String(body.prefix { $0 != "=" })
            if let reason = known.refused[name] {
                throw InstructionError("\(node.keyword.uppercased()) --\(name): \(reason)")
            }
            guard known.names.contains(name) else {
                throw InstructionError(Self.unknown(name, known))
            }
            var value = String(body.dropFirst(name.count + 1))
            if name.count == body.count {
                guard known.booleans.contains(name) else {
                    throw InstructionError("missing a value on flag: \(name)")
                }
                value = "true"
            }
            guard known.lists.contains(name) || values[name] == nil else {
                throw InstructionError("duplicate flag specified: \(name)")
            }
            values[name, default: []].append(value)
        }
    }

    private static func unknown(_ name: String, _ known: Known) -> String {
        let near = nearest(to: name, among: known.names.sorted())
        return "unknown flag: --\(name)" + (near.map { " (did you mean \($0)?)" } ?? "")
    }

    /// The value of a flag; nil when it was not given.
    mutating func take(_ name: String) -> String? { values.removeValue(forKey: name)?.first }

    /// The values of a flag that may be repeated.
    mutating func takeAll(_ name: String) -> [String] { values.removeValue(forKey: name) ?? [] }

    /// A flag that is true or false; nil when it was not given.
    mutating func takeBoolean(_ name: String) throws(InstructionError) -> Bool? {
        guard let text = take(name) else { return nil }
        guard let value = Self.boolean(text) else {
            throw InstructionError(
                "expecting boolean value for flag \(name), not: \(text); write true or false"
            )
        }
        return value
    }

    /// What Go takes for a truth value.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
