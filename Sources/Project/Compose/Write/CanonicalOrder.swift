import OrderedCollections

/// What of a canonical tree is said, and in which order: that of the table for fixed keys, sorted
/// for names. The form is docker compose's.
struct CanonicalOrder {
    enum Format { case yaml, json }

    struct Entry {
        var key: String
        /// nil stands for a value that JSON says although it is not there.
        var node: Node?
        var shape: Shape
    }

    let format: Format

    /// The entries of a mapping, in order, without those that say nothing.
    func entries(_ mapping: Node.Mapping, of shape: Shape) -> [Entry] {
        switch shape {
        case .fields(let fields): fixed(mapping, fields)
        case .form(let form): entries(mapping, of: form.long)
        case .named(let entry, _), .dictionary(let entry): sorted(mapping, entry)
        case .pairs: sorted(mapping, .text)
        default: sorted(mapping, .anything)
        }
    }

    /// Shape of the elements of a list.
    func element(of shape: Shape) -> Shape {
        switch shape {
        case .list(let element): element
        case .form(let form): element(of: form.long)
        case .strings, .command, .healthcheckTest: .string
        default: .anything
        }
    }

    private func fixed(_ mapping: Node.Mapping, _ fields: Fields) -> [Entry] {
        var result: [Entry] = []
        for attribute in fields.attributes {
            if let node = mapping[attribute.key] {
                guard isSaid(node, attribute) else { continue }
                let key = format == .json ? attribute.jsonKey : attribute.key
                result.append(Entry(key: key, node: node, shape: attribute.shape))
            } else if format == .json, let always = attribute.alwaysInJSON {
                let node = always == .emptyMapping ? Node(.map([:]), at: .commandLine) : nil
                result.append(Entry(key: attribute.key, node: node, shape: attribute.shape))
            }
        }
        // The reference's JSON has extensions only at the top.
        guard format == .yaml || fields["services"] != nil else { return result }
        let extensions = mapping.filter { fields[$0.key] == nil }
        return result + sorted(extensions, .anything)
    }

    private func sorted(_ mapping: Node.Mapping, _ shape: Shape) -> [Entry] {
        let entries = mapping.map { Entry(key: $0.key, node: $0.value, shape: shape) }
        return switch format {
        case .yaml: entries.sorted { NaturalOrder.isOrdered($0.key, $1.key) }
        case .json: entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        }
    }

    /// Zero values are not said, but for those that mean something.
    private func isSaid(_ node: Node, _ attribute: Attribute) -> Bool {
        if attribute.isHidden(node) { return false }
        if attribute.keepsEmpty { return !node.isNull || attribute.shape.isAnything }
        return switch node.value {
        case .null: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .float(let number): number != 0
        case .string(let text):
            !text.isEmpty && !(text == "0" && attribute.shape.isBytes)
                && !(text == "0s" && attribute.shape.isDuration)
        case .list(let items): !items.isEmpty
        case .map(let entries):
            !entries.isEmpty || (attribute.shape.isFields && attribute.alwaysInJSON == nil)
        }
    }
}

extension Shape {
    var isAnything: Bool { if case .anything = self { true } else { false } }
    var isBytes: Bool { if case .bytes = self { true } else { false } }
    var isDuration: Bool { if case .duration = self { true } else { false } }

    /// A mapping with fixed keys, which is said even when it is empty.
    var isFields: Bool {
        switch self {
        case .fields: true
        case .form(let form): form.long.isFields
        default: false
        }
    }
}

/// The order of keys in YAML as Go writes it: runs of digits by value, letters after other signs.
enum NaturalOrder {
    static func isOrdered(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        var hasDigits = false
        for index in 0..<min(a.count, b.count) {
            if a[index] == b[index] {
                hasDigits = isDigit(a[index])
                continue
            }
            let (leftIsLetter, rightIsLetter) = (
                a[index].properties.isAlphabetic, b[index].properties.isAlphabetic
            )
            if leftIsLetter, rightIsLetter { return a[index].value < b[index].value }
            if leftIsLetter || rightIsLetter { return hasDigits ? leftIsLetter : rightIsLetter }
            return areDigitsOrdered(a, b, index)
        }
        return a.count < b.count
    }

    private static func areDigitsOrdered(
        _ a: [UnicodeScalar],
        _ b: [UnicodeScalar],
        _ index: Int
    ) -> Bool {
        var (left, right): (UInt64, UInt64) = (0, 0)
        if a[index] == "0" || b[index] == "0" {
            // `a01` and `a1`: zeros in front count only behind another digit.
            var place = index - 1
            while place >= 0, isDigit(a[place]) {
                if a[place] != "0" {
                    (left, right) = (1, 1)
                    break
                }
                place -= 1
            }
        }
        let leftEnd = read(a, index, &left)
        let rightEnd = read(b, index, &right)
        if left != right { return left < right }
        if leftEnd != rightEnd { return leftEnd < rightEnd }
        return a[index].value < b[index].value
    }

    private static func read(_ text: [UnicodeScalar], _ start: Int, _ value: inout UInt64) -> Int {
        var index = start
        while index < text.count, isDigit(text[index]) {
            value = value &* 10 &+ UInt64(text[index].value - 0x30)
            index += 1
        }
        return index
    }

    private static func isDigit(_ scalar: UnicodeScalar) -> Bool { scalar >= "0" && scalar <= "9" }
}
