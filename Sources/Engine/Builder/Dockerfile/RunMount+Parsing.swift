import TextForms

extension RunMount {
    private static let keys = [
        "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro",
        "readwrite", "rw", "required", "size", "id", "sharing", "mode", "uid", "gid", "env",
    ]

    /// Reads the value of a `--mount`: `key=value` and words without a value, with commas between.
    init(_ text: String) throws(InstructionError) {
        let fields = try Self.fields(of: text)
        for field in fields {
            let (key, value) = Self.split(field)
            if key == "type" { kind = try Self.kind(value ?? "") }
        }
        isReadOnly = kind == .bind
        for field in fields {
            let (key, value) = Self.split(field)
            if let value {
                try set(key, value, field)
            } else {
                try setWord(key, field)
            }
        }
        try check()
    }

    private static func split(_ field: String) -> (key: String, value: String?) {
        guard let equals = field.firstIndex(of: "=") else { return (field.lowercased(), nil) }
        return (field[..<equals].lowercased(), String(field[field.index(after: equals)...]))
    }

    private static func kind(_ text: String) throws(InstructionError) -> Kind {
        guard let kind = Kind(rawValue: text) else {
            let near = nearest(to: text, among: Kind.allCases.map(\.rawValue))
            throw InstructionError(
                "unsupported mount type \"\(text)\"" + (near.map { " (did you mean \($0)?)" } ?? "")
            )
        }
        return kind
    }

    private mutating func setWord(_ key: String, _ field: String) throws(InstructionError) {
        switch key {
        case "readonly", "ro": isReadOnly = true
        case "readwrite", "rw": isReadOnly = false
        case "required": try require(true, key)
        default:
            throw InstructionError("invalid field '\(field)' must be a key=value pair")
        }
    }

    private mutating func require(_ value: Bool, _ key: String) throws(InstructionError) {
        guard kind == .secret || kind == .ssh else {
            throw InstructionError("unexpected key '\(key)' for mount type '\(kind.rawValue)'")
        }
        isRequired = value
    }

    private mutating func set(
        _ key: String,
        _ value: String,
        _ field: String
    ) throws(InstructionError) {
        switch key {
        case "type": return
        case "from": from = value
        case "source", "src": source = value
        case "target", "dst", "destination": target = value
        case "id": id = value
        case "env": variable = value
        case "readonly", "ro": isReadOnly = try Self.boolean(value, key)
        case "readwrite", "rw": isReadOnly = try !Self.boolean(value, key)
        case "required": try require(try Self.boolean(value, key), key)
        case "sharing":
            guard let sharing = Sharing(rawValue: value) else {
                throw InstructionError(
                    "unsupported sharing value \"\(value)\"; write shared, private or locked"
                )
            }
            guard kind == .cache else {
                throw InstructionError("invalid cache sharing set for \(kind.rawValue) mount")
            }
            self.sharing = sharing
        case "size":
            guard let size = ByteSize.parse(value) else {
                throw InstructionError("invalid value for size: \(value)")
            }
            sizeBytes = size
        case "mode": mode = try Self.number(value, key, radix: 8)
        case "uid": user = try Self.number(value, key)
        case "gid": group = try Self.number(value, key)
        default:
            let near = nearest(to: key, among: Self.keys)
            throw InstructionError(
                "unexpected key '\(key)' in '\(field)'"
                    + (near.map { " (did you mean \($0)?)" } ?? "")
            )
        }
    }

    private func check() throws(InstructionError) {
        let name = kind.rawValue
        if kind == .bind || kind == .tmpfs {
            let numbers = [("mode", mode), ("uid", user), ("gid", group)]
            for (key, number) in numbers where number != nil {
                throw InstructionError("\(key) not allowed for \(name) type mounts")
            }
        }
        if kind != .tmpfs, sizeBytes != nil {
            throw InstructionError("unexpected key 'size' for mount type '\(name)'")
        }
        if kind != .secret, variable != nil {
            throw InstructionError("unexpected key 'env' for mount type '\(name)'")
        }
        if kind != .bind, kind != .cache, from != nil {
            throw InstructionError("\(name) mount should not have a from")
        }
        switch kind {
        case .bind, .cache, .tmpfs:
            guard target?.isEmpty == false else {
                throw InstructionError("\(name) mount has no target; add target=/path")
            }
        case .secret:
            guard source != nil || target != nil || id != nil else {
                throw InstructionError("invalid secret mount. one of source, target required")
            }
            guard source == nil || id == nil else {
                throw InstructionError("both source and id can't be set")
            }
        case .ssh: return
        }
    }

    private static func boolean(_ text: String, _ key: String) throws(InstructionError) -> Bool {
        guard let value = InstructionFlags.boolean(text) else {
            throw InstructionError("invalid value for \(key): \(text)")
        }
        return value
    }

    private static func number(
        _ text: String,
        _ key: String,
        radix: Int = 10
    ) throws(InstructionError) -> UInt32 {
        guard let number = UInt32(text, radix: radix), text.utf8.allSatisfy(ASCII.isDigit) else {
            throw InstructionError("invalid value \(text) for \(key)")
        }
        return number
    }

    /// Fields of a line of comma-separated values (RFC 4180): quotes around a field keep its commas.
    static func fields(of text: String) throws(InstructionError) -> [String] {
        var fields: [String] = []
        var rest = text[...]
        while true {
            guard rest.first == "\"" else {
                let field = rest.prefix { $0 != "," }
                guard !field.contains("\"") else {
                    throw InstructionError("bare \" in a field of \(text)")
                }
                fields.append(String(field))
                rest = rest.dropFirst(field.count)
                if rest.isEmpty { return fields }
                rest = rest.dropFirst()
                continue
            }
            var field = ""
            rest = rest.dropFirst()
            while true {
                field += rest.prefix { $0 != "\"" }
                guard let end = rest.firstIndex(of: "\"") else {
                    throw InstructionError("a quote is not closed in \(text)")
                }
                rest = rest[rest.index(after: end)...]
                guard rest.first == "\"" else { break }
                field += "\""
                rest = rest.dropFirst()
            }
            fields.append(field)
            if rest.isEmpty { return fields }
            guard rest.first == "," else {
                throw InstructionError("a quoted field goes on behind its quote in \(text)")
            }
            rest = rest.dropFirst()
        }
    }
}
