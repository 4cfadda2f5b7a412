/// Text with `$NAME` and `${NAME…}` in it. compose-spec "Interpolation".
struct VariableTemplate {
    /// Why a template has no value.
    enum Failure: Error, Hashable {
        /// `${}`, `${a b}`, no closing brace: the text from the `$` on.
        case invalid(String)
        /// `${NAME:?message}` with no value.
        case required(name: String, message: String)
        /// Templates in templates, or values that grow beyond all bounds.
        case tooDeep, tooLong

        var message: String {
            switch self {
            case .invalid(let text): "invalid interpolation \"\(text)\""
            case .required(let name, let message):
                "required variable \(name) is missing a value"
                    + (message.isEmpty ? "" : ": \(message)")
            case .tooDeep: "templates are nested deeper than \(VariableTemplate.depthLimit) levels"
            case .tooLong: "the variables expand to more text than a project may have"
            }
        }

        var hint: String? {
            switch self {
            case .invalid: "write ${NAME}, or $$ for a dollar sign"
            case .required(let name, _):
                "set \(name) in the environment or in .env"
            case .tooDeep, .tooLong: nil
            }
        }

        /// What stands in the file.
        var text: String {
            switch self {
            case .invalid(let text): text
            case .required(let name, _): "${" + name
            case .tooDeep, .tooLong: "$"
            }
        }
    }

    /// Finds the value of a variable; nil when it is not set.
    let lookup: (String) -> String?
    /// Told of a variable that is not set and has no default.
    let unset: (String) -> Void
    /// Bytes that the result may have.
    var limit = Int.max

    /// Templates in templates, each in the default of the one around it.
    private static let depthLimit = 100

    /// Whether a text has a dollar sign in it: without one it stays as it is.
    static func isTemplate(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { $0.contains(UInt8(ascii: "$")) }
    }

    /// Replaces every variable of a text.
    func evaluate(_ text: String) throws(Failure) -> String {
        guard Self.isTemplate(text) else { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 32)
        try evaluate(Array(text.utf8)[...], depth: 0, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func evaluate(
        _ text: ArraySlice<UInt8>,
        depth: Int,
        into output: inout [UInt8]
    ) throws(Failure) {
        guard depth <= Self.depthLimit else { throw .tooDeep }
        var rest = text
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            output += rest[..<dollar]
            rest = rest[(dollar + 1)...]
            if rest.first == UInt8(ascii: "$") {
                output.append(UInt8(ascii: "$"))
                rest.removeFirst()
            } else if rest.first == UInt8(ascii: "{") {
                guard let close = Self.closingBrace(rest) else {
                    throw .invalid(String(decoding: text[dollar...], as: UTF8.self))
                }
                try evaluateBraced(rest[(dollar + 2)..<close], depth: depth, into: &output)
                rest = rest[(close + 1)...]
            } else {
                let name = Self.name(rest)
                if name.isEmpty {
                    output.append(UInt8(ascii: "$"))
                } else {
                    output += value(of: name).utf8
                    rest = rest[name.endIndex...]
                }
            }
            guard output.count <= limit else { throw .tooLong }
        }
        output += rest
    }

    /// What is between the braces: a name, and perhaps an operator and a word.
    private func evaluateBraced(
        _ body: ArraySlice<UInt8>,
        depth: Int,
        into output: inout [UInt8]
    ) throws(Failure) {
        let name = Self.name(body)
        var rest = body[name.endIndex...]
        guard !name.isEmpty, let first = rest.first else {
            guard !name.isEmpty else { throw Self.invalid(body) }
            output += value(of: name).utf8
            return
        }
        let emptyIsUnset = first == UInt8(ascii: ":")
        if emptyIsUnset { rest.removeFirst() }
        guard let sign = rest.popFirst() else { throw Self.invalid(body) }
        let text = String(decoding: name, as: UTF8.self)
        let found = lookup(text).flatMap { emptyIsUnset && $0.isEmpty ? nil : $0 }
        switch sign {
        case UInt8(ascii: "-"):
            if let found {
                output += found.utf8
            } else {
                try evaluate(rest, depth: depth + 1, into: &output)
            }
        case UInt8(ascii: "+"):
            if found != nil { try evaluate(rest, depth: depth + 1, into: &output) }
        case UInt8(ascii: "?"):
            guard let found else {
                var message: [UInt8] = []
                try evaluate(rest, depth: depth + 1, into: &message)
                throw .required(name: text, message: String(decoding: message, as: UTF8.self))
            }
            output += found.utf8
        default: throw Self.invalid(body)
        }
    }

    private func value(of name: ArraySlice<UInt8>) -> String {
        let name = String(decoding: name, as: UTF8.self)
        if let value = lookup(name) { return value }
        unset(name)
        return ""
    }

    private static func invalid(_ body: ArraySlice<UInt8>) -> Failure {
        .invalid("${" + String(decoding: body, as: UTF8.self) + "}")
    }

    /// The variables of a text with their defaults, nested ones too, in the order of the text.
    /// What is no template is left out.
    static func variables(in text: String) -> [TemplateVariable] {
        var found: [TemplateVariable] = []
        collect(Array(text.utf8)[...], depth: 0, into: &found)
        return found
    }

    private static func collect(
        _ text: ArraySlice<UInt8>,
        depth: Int,
        into found: inout [TemplateVariable]
    ) {
        guard depth <= depthLimit else { return }
        var rest = text
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[(dollar + 1)...]
            if rest.first == UInt8(ascii: "$") {
                rest.removeFirst()
            } else if rest.first == UInt8(ascii: "{"), let close = closingBrace(rest) {
                collectBraced(rest[(dollar + 2)..<close], depth: depth, into: &found)
                rest = rest[(close + 1)...]
            } else {
                let name = name(rest)
                rest = rest[name.endIndex...]
                guard !name.isEmpty else { continue }
                found.append(TemplateVariable(name: String(decoding: name, as: UTF8.self)))
            }
        }
    }

    private static func collectBraced(
        _ body: ArraySlice<UInt8>,
        depth: Int,
        into found: inout [TemplateVariable]
    ) {
        let name = name(body)
        guard !name.isEmpty else { return }
        var variable = TemplateVariable(name: String(decoding: name, as: UTF8.self))
        var word = body[name.endIndex...]
        if word.first == UInt8(ascii: ":") { word.removeFirst() }
        let sign = word.popFirst()
        let text = String(decoding: word, as: UTF8.self)
        switch sign {
        case UInt8(ascii: "-"): variable.defaultValue = text
        case UInt8(ascii: "+"): variable.presenceValue = text
        case UInt8(ascii: "?"): variable.isRequired = true
        default: break
        }
        found.append(variable)
        collect(word, depth: depth + 1, into: &found)
    }

    /// The longest prefix that is a name; empty when there is none.
    private static func name(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = text.startIndex
        while end < text.endIndex {
            switch text[end] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                end += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9") where end > text.startIndex:
                end += 1
            default: return text[..<end]
            }
        }
        return text
    }

    /// Index of the brace that closes the one the text begins with. Other braces in between are
    /// counted, so that `${V:-{"a":1}}` is one template.
    private static func closingBrace(_ text: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        for index in text.indices {
            if text[index] == UInt8(ascii: "{") { depth += 1 }
            if text[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
