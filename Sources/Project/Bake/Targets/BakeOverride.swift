import TextForms

/// One `--set`: `pattern.attribute[.entry]=value`, or `+=` to add to a list.
struct BakeOverride: Hashable, Sendable {
    /// Names of targets, with `*` and `?`.
    var pattern: String
    var attribute: BakeAttribute
    /// The name of an entry of `args`, `labels` and the like.
    var entry: String?
    /// nil is the environment's.
    var value: String?
    /// `+=`
    var adds = false

    init(parsing text: String) throws(BakeError) {
        let equals = text.firstIndex(of: "=")
        var key = equals.map { text[..<$0] } ?? text[...]
        value = equals.map { String(text[text.index(after: $0)...]) }
        if key.hasSuffix("+"), equals != nil {
            adds = true
            key.removeLast()
        }
        let parts = key.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1 else {
            throw BakeError("invalid override key \(key), expected target.name")
        }
        pattern = String(parts[0])
        guard let attribute = BakeAttribute(written: String(parts[1])), attribute != .inherits
        else {
            let known = BakeAttribute.allCases.map(\.rawValue).filter { $0 != "inherits" }
            let near = nearest(to: String(parts[1]), among: known)
            throw BakeError("unknown key: \(parts[1])", hint: near.map { "did you mean \($0)?" })
        }
        self.attribute = attribute
        entry = parts.count > 2 ? String(parts[2]) : nil
        switch attribute.form {
        case .map:
            guard entry != nil else {
                throw BakeError("invalid key \(key), \(parts[1]) requires name")
            }
            guard value != nil || attribute == .args else {
                throw BakeError("invalid value \(text), expected \(key)=value")
            }
        default:
            guard value != nil else {
                throw BakeError("invalid override \(text), expected target.name=value")
            }
            guard entry == nil else {
                throw BakeError("invalid key \(key): \(parts[1]) has no entries")
            }
        }
    }

    /// Whether it is for a target of this name.
    func matches(_ name: String) -> Bool {
        let (wanted, text) = (Array(pattern.utf8), Array(name.utf8))
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < wanted.count, wanted[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < wanted.count, wanted[p] == UInt8(ascii: "?") || wanted[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let last = star {
                (p, t) = (last.pattern + 1, last.text + 1)
                star = (last.pattern, t)
            } else {
                return false
            }
        }
        return wanted[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Puts it over what a target says. `isFirst`: no earlier one of this command set the same list.
    func apply(
        to target: inout BakeTarget,
        isFirst: Bool,
        environment: [String: String]
    ) throws(BakeError) {
        switch attribute.form {
        case .text: target.fields[attribute] = .text(value ?? "")
        case .flag:
            guard let flag = Self.flag(value ?? "") else {
                throw BakeError(
                    "invalid value \(value ?? "") for boolean key \(attribute.rawValue)"
                )
            }
            target.fields[attribute] = .flag(flag)
        case .map:
            var map = Dictionary(target.map(attribute).map { ($0.key, $0.value) }) { $1 }
            if let name = entry { map[name] = value ?? environment[name] }
            target.fields[attribute] = .map(map)
        case .texts:
            let earlier = isFirst && !adds ? [] : target.texts(attribute)
            let new = value.flatMap { $0.isEmpty ? nil : $0 }.map { [$0] } ?? []
            target.fields[attribute] = .texts(earlier + new)
        case .options:
            let earlier = isFirst && !adds ? [] : target.options(attribute)
            var new: [BakeOptions] = []
            if let value, !value.isEmpty {
                do throws(BakeOptions.Invalid) {
                    new = [try BakeOptions(parsing: value, of: attribute)]
                } catch {
                    throw BakeError(
                        "--set \(pattern).\(attribute.rawValue): \(error.field) is not key=value"
                    )
                }
            }
            target.fields[attribute] = .options(earlier + new)
        }
    }

    private static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "t", "true": true
        case "0", "f", "false": false
        default: nil
        }
    }
}
