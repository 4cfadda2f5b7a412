import OrderedCollections
import TextForms

/// Reading one value, and saying what is wrong with it.
extension Binder {
    /// Does something with a key as a part of the path being worked on.
    mutating func inside<Result>(_ key: String, _ body: (inout Binder) -> Result) -> Result {
        diagnostics.enter(key)
        defer { diagnostics.leave() }
        return body(&self)
    }

    /// What is read of a mapping from names; nothing where there is none.
    mutating func each<Result>(
        _ node: Node?,
        _ read: (inout Binder, Node, String) -> Result?
    ) -> OrderedDictionary<String, Result> {
        guard let entries = node?.map, !entries.isEmpty else { return [:] }
        var result = OrderedDictionary<String, Result>(minimumCapacity: entries.count)
        for (key, entry) in entries { result[key] = read(&self, entry, key) }
        return result
    }

    /// What is read of the elements of a list, each with its index in the path.
    mutating func each<Result>(
        _ node: Node,
        _ key: String,
        _ read: (inout Binder, Node) -> Result?
    ) -> [Result] {
        guard let items = node[key]?.list, !items.isEmpty else { return [] }
        diagnostics.enter(key)
        defer { diagnostics.leave() }
        var result: [Result] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            diagnostics.enter(index)
            if let value = read(&self, item) { result.append(value) }
            diagnostics.leave()
        }
        return result
    }

    /// A text that a grammar reads. One that it does not is a problem at its place; an empty one that
    /// `mayBeEmpty` says nothing: it is what a variable without a value leaves.
    mutating func value<Value>(
        _ node: Node,
        _ key: String,
        _ parse: (String) -> Value?,
        _ mistake: (String) -> Mistake,
        mayBeEmpty: Bool = true
    ) -> Value? {
        guard let entry = node[key], let text = entry.string, !(mayBeEmpty && text.isEmpty) else {
            return nil
        }
        if let value = parse(text) { return value }
        guard isKnown(text) else { return nil }
        diagnostics.enter(key)
        report(mistake(text), at: entry.mark)
        diagnostics.leave()
        return nil
    }

    /// The elements of a list of texts that a grammar reads.
    mutating func values<Value>(
        _ node: Node,
        _ key: String,
        _ parse: (String) -> Value?,
        _ mistake: (String) -> Mistake
    ) -> [Value] {
        each(node, key) { binder, item in
            guard let text = item.string else { return nil }
            if let value = parse(text) { return value }
            if binder.isKnown(text) { binder.report(mistake(text), at: item.mark) }
            return nil
        }
    }

    /// Whether nothing in a text is left open by a variable.
    func isKnown(_ text: String) -> Bool { !isLenient || !text.utf8.contains(UInt8(ascii: "$")) }

    /// Reports a mistake, whose words are not looked for where nobody sees them.
    mutating func report(_ mistake: @autoclosure () -> Mistake, at mark: Mark) {
        guard !diagnostics.isFull else { return diagnostics.problem("", at: mark) }
        let mistake = mistake()
        guard isToRun || mistake.endsEveryLoad else { return }
        diagnostics.problem(mistake.message, at: mark, hint: mistake.hint)
    }

    /// An empty text says nothing: it is what a variable without a value leaves.
    func text(_ node: Node?) -> String? {
        guard let text = node?.string, !text.isEmpty else { return nil }
        return text
    }

    /// A canonical time span.
    func duration(_ node: Node?) -> Duration? {
        node?.string.flatMap { GoDuration.parse($0, units: .daysAndWeeks) }
            .map(Duration.nanoseconds)
    }

    /// A canonical number of bytes.
    func bytes(_ node: Node?) -> Int64? { node?.string.flatMap { Int64($0) } }

    func number(_ node: Node?) -> Double? {
        switch node?.value {
        case .int(let number): Double(number)
        case .float(let number): number
        default: nil
        }
    }

    func texts(_ node: Node?) -> OrderedDictionary<String, String> { Self.texts(node) }

    func optionals(_ node: Node?) -> OrderedDictionary<String, String?> { Self.optionals(node) }

    static func texts(_ node: Node?) -> OrderedDictionary<String, String> {
        var result: OrderedDictionary<String, String> = [:]
        for (key, value) in node?.map ?? [:] { result[key] = value.string ?? "" }
        return result
    }

    func unordered(_ node: Node?) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in node?.map ?? [:] { result[key] = value.string ?? "" }
        return result
    }

    static func optionals(_ node: Node?) -> OrderedDictionary<String, String?> {
        var result: OrderedDictionary<String, String?> = [:]
        for (key, value) in node?.map ?? [:] { result.updateValue(value.string, forKey: key) }
        return result
    }
}
