/// Changes to a text, from single bytes to whole lines as YAML has them.
enum Mutation: CaseIterable {
    case flipByte, removeByte, removeRange, insertToken, insertOddity, insertTemplate
    case duplicateLine, removeLine, swapLines, moveLine, indentLine, unindentLine
    case splice, insertAttribute, replaceValue, replaceKey, nest, anchor, repeatText, numberEdge

    /// Applies the change; does nothing to a text it has no place in.
    func apply(to bytes: inout [UInt8], other: [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = other
            return
        }
        switch self {
        case .flipByte, .removeByte, .removeRange, .insertToken, .insertOddity, .insertTemplate,
            .repeatText, .numberEdge:
            applyToBytes(&bytes, &random)
        default:
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
                .map(Array.init)
            applyToLines(&lines, other, &random)
            bytes = Array(lines.joined(separator: [0x0A]))
        }
    }

    private func applyToBytes(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch self {
        case .flipByte: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case .removeByte: bytes.remove(at: place)
        case .removeRange:
            let end = min(bytes.count, place + Int.random(in: 1..<40, using: &random))
            bytes.removeSubrange(place..<end)
        case .insertToken:
            bytes.insert(contentsOf: random.pick(Vocabulary.tokens).utf8, at: place)
        case .insertOddity: bytes.insert(contentsOf: random.pick(Vocabulary.oddities), at: place)
        case .insertTemplate:
            bytes.insert(contentsOf: random.pick(Vocabulary.templates).utf8, at: place)
        case .repeatText:
            let end = min(bytes.count, place + Int.random(in: 1..<30, using: &random))
            let part = Array(bytes[place..<end])
            let count = Int.random(in: 1...(random.once(in: 20) ? 2000 : 20), using: &random)
            bytes.insert(contentsOf: (0..<count).flatMap { _ in part }, at: place)
        default:
            guard let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) })
            else { return }
            let edges = ["0", "-1", "65535", "65536", "2147483648", "9223372036854775807", "1e9"]
            bytes.replaceSubrange(digit...digit, with: Array(random.pick(edges).utf8))
        }
    }

    private func applyToLines(
        _ lines: inout [[UInt8]],
        _ other: [UInt8],
        _ random: inout SeededGenerator
    ) {
        let place = Int.random(in: 0..<lines.count, using: &random)
        let second = Int.random(in: 0..<lines.count, using: &random)
        let indent = Array(lines[place].prefix { $0 == 0x20 })
        switch self {
        case .duplicateLine: lines.insert(lines[place], at: second)
        case .removeLine: lines.remove(at: place)
        case .swapLines: lines.swapAt(place, second)
        case .moveLine:
            let line = lines.remove(at: place)
            lines.insert(line, at: min(second, lines.count))
        case .indentLine: lines[place].insert(contentsOf: [0x20, 0x20], at: 0)
        case .unindentLine: lines[place].removeFirst(min(2, indent.count))
        case .splice:
            let source = other.split(separator: 0x0A).map(Array.init)
            guard !source.isEmpty else { return }
            let start = Int.random(in: 0..<source.count, using: &random)
            lines.insert(contentsOf: source[start...].prefix(8), at: place)
        case .insertAttribute:
            let key = random.pick(Vocabulary.keys)
            let value = random.pick(Vocabulary.values)
            lines.insert(indent + Array("\(key): \(value)".utf8), at: place)
        case .replaceValue:
            guard let colon = lines[place].firstIndex(of: 0x3A) else {
                lines[place] = indent + Array("- \(random.pick(Vocabulary.values))".utf8)
                return
            }
            let text =
                random.once(in: 4)
                ? random.pick(Vocabulary.templates) : random.pick(Vocabulary.values)
            lines[place] = Array(lines[place][...colon]) + Array(" \(text)".utf8)
        case .replaceKey:
            guard let colon = lines[place].firstIndex(of: 0x3A) else { return }
            let key = random.pick(Vocabulary.keys)
            lines[place] = indent + Array(key.utf8) + lines[place][colon...]
        case .nest:
            let depth = Int.random(in: 1...(random.once(in: 10) ? 300 : 12), using: &random)
            let open = random.once(in: 2) ? "[" : "{a: "
            let close = open == "[" ? "]" : "}"
            let text =
                String(repeating: open, count: depth) + String(repeating: close, count: depth)
            lines.insert(indent + Array("x-deep: \(text)".utf8), at: place)
        default:
            let colon = lines[place].firstIndex(of: 0x3A)
            let name = random.once(in: 2) ? " &base" : " &a"
            if let colon { lines[place].insert(contentsOf: name.utf8, at: colon + 1) }
            let use = random.once(in: 2) ? "<<: *base" : "x-use: *a"
            lines.insert(indent + Array(use.utf8), at: min(second, lines.count))
        }
    }
}
