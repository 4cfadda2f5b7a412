import TextForms

/// HCL's JSON syntax: the same blocks and attributes, and templates in every text.
extension HCLParser {
    /// The whole file. Objects below the names of `blocks` are blocks with one label.
    mutating func jsonFile(blocks: Set<String>) throws(BakeFault) -> HCLBody {
        let place = here
        guard case .object(let entries, _) = try jsonValue() else {
            throw BakeFault(place, "a bake file of JSON is an object")
        }
        skipJSON()
        guard offset == end else { throw BakeFault(here, "expected the end of the file") }
        return try Self.body(of: entries, blocks: blocks)
    }

    private static func body(
        of entries: [HCLExpression.Entry],
        blocks: Set<String>
    ) throws(BakeFault) -> HCLBody {
        var body = HCLBody()
        var names: Set<String> = []
        for entry in entries {
            guard case .literal(.string(let name), let place) = entry.key else { continue }
            guard names.insert(name).inserted else {
                throw BakeFault(place, "\(name) is there twice", hint: "leave one of them")
            }
            guard blocks.contains(name) else {
                body.attributes.append(.init(name: name, value: entry.value, place: place))
                continue
            }
            for (label, content) in try labelled(entry.value, name) {
                body.blocks.append(
                    .init(type: name, labels: label, body: content, place: place)
                )
            }
        }
        return body
    }

    private static func labelled(
        _ value: HCLExpression,
        _ type: String
    ) throws(BakeFault) -> [([HCLBody.Label], HCLBody)] {
        guard case .object(let entries, _) = value else {
            throw BakeFault(value.place, "\(type) is an object: names, and what each of them is")
        }
        var all: [([HCLBody.Label], HCLBody)] = []
        for entry in entries {
            guard case .literal(.string(let label), let place) = entry.key else { continue }
            guard case .object(let inner, _) = entry.value else {
                throw BakeFault(entry.value.place, "\(type) \(label) is an object")
            }
            all.append(([.init(text: label, place: place)], try body(of: inner, blocks: [])))
        }
        return all
    }

    private mutating func skipJSON() {
        while let byte = next, [9, 10, 13, 32].contains(byte) { offset += 1 }
    }

    private mutating func jsonValue() throws(BakeFault) -> HCLExpression {
        skipJSON()
        let place = here
        switch next {
        case UInt8(ascii: "{"): return try jsonObject()
        case UInt8(ascii: "["): return try jsonList()
        case UInt8(ascii: "\""):
            // Its places are those of the text as a whole.
            var inner = HCLParser(Array(try jsonString().utf8), file: file)
            inner.offset = 0
            inner.fixedPlace = place
            return try inner.bareTemplate()
        case UInt8(ascii: "-"):
            offset += 1
            return .literal(.number(-(try number())), place)
        case let byte? where Self.isDigit(byte): return .literal(.number(try number()), place)
        default: break
        }
        for (word, value) in [
            ("true", BakeValue.bool(true)), ("false", .bool(false)), ("null", .null),
        ] {
            let text = Array(word.utf8)
            if offset + text.count <= end, bytes[offset..<offset + text.count].elementsEqual(text) {
                offset += text.count
                return .literal(value, place)
            }
        }
        throw BakeFault(place, "expected a value of JSON")
    }

    private mutating func jsonObject() throws(BakeFault) -> HCLExpression {
        try deeper()
        defer { shallower() }
        let start = here
        offset += 1
        var entries: [HCLExpression.Entry] = []
        skipJSON()
        if take("}") { return .object([], start) }
        while true {
            skipJSON()
            let place = here
            guard peek(is: "\"") else { throw BakeFault(place, "expected a name in quotes") }
            let name = try jsonString()
            skipJSON()
            guard take(":") else { throw BakeFault(here, "expected : behind a name") }
            let key = HCLExpression.literal(.string(name), place)
            entries.append(.init(key: key, value: try jsonValue()))
            skipJSON()
            if take("}") { return .object(entries, start) }
            guard take(",") else { throw BakeFault(here, "expected , or } in an object") }
        }
    }

    private mutating func jsonList() throws(BakeFault) -> HCLExpression {
        try deeper()
        defer { shallower() }
        let start = here
        offset += 1
        var elements: [HCLExpression] = []
        skipJSON()
        if take("]") { return .list([], start) }
        while true {
            elements.append(try jsonValue())
            skipJSON()
            if take("]") { return .list(elements, start) }
            guard take(",") else { throw BakeFault(here, "expected , or ] in a list") }
        }
    }

    private mutating func jsonString() throws(BakeFault) -> String {
        let place = here
        let start = offset
        offset += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            offset += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < end else { throw BakeFault(place, "this text has no quote that closes it") }
        offset += 1
        do {
            let value = try JSONValue(parsing: Array(bytes[start..<offset]))
            if let text = value.string { return text }
        } catch {
            throw BakeFault(place, "this text of JSON is not valid: \(error)")
        }
        throw BakeFault(place, "this text of JSON is not valid")
    }
}
