/// The flags of one instruction, checked against those it may have.
struct InstructionFlags {
    private var values: [String: String] = [:]

    /// Takes the flags that are carried out, each with a value, and those of the language that are
    /// not and are refused by name.
    init(
        _ node: InstructionNode,
        strings: Set<String> = [],
        unsupported: Set<String> = []
    ) throws(InstructionError) {
        for flag in node.flags {
            let body = flag.dropFirst(2)
            let name = String(body.prefix { $0 != "=" })
            if unsupported.contains(name) {
                throw InstructionError(
                    "\(node.keyword.uppercased()) --\(name) is not supported yet"
                )
            }
            guard strings.contains(name) else {
                throw InstructionError("unknown flag: --\(name)")
            }
            guard name.count < body.count else {
                throw InstructionError("missing a value on flag: \(name)")
            }
            let value = String(body.dropFirst(name.count + 1))
            guard values.updateValue(value, forKey: name) == nil else {
                throw InstructionError("duplicate flag specified: \(name)")
            }
        }
    }

    /// The value of a flag; nil when it was not given.
    mutating func take(_ name: String) -> String? { values.removeValue(forKey: name) }
}
