import TextForms

/// The coloured `web-1  | ` before every line of the merged stream.
struct LogPrefix {
    /// docker compose's cycle of colours: cyan, yellow, green, magenta, blue and their bright ones.
    private static let colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

    private var width: Int
    private var colour: [String: Int] = [:]

    /// `names` are all that will appear; the longest gives the width.
    init(names: [String]) {
        width = names.map(\.displayWidth).max() ?? 0
        for name in names { assign(name) }
    }

    /// The prefix for one name; a new one takes the next colour. A `mark` behind the name moves the
    /// other lines nowhere.
    mutating func text(_ name: String, mark: String = "", usesColour: Bool) -> [UInt8] {
        assign(name)
        width = max(width, name.displayWidth)
        let text = (name + mark).padded(toColumns: width) + "  | "
        return Array((usesColour ? coloured(text, as: name) : text).utf8)
    }

    /// A line of ours about one name: without the bar that stands before all that programs say.
    mutating func note(_ text: String, about name: String, usesColour: Bool) -> [UInt8] {
        assign(name)
        let text = "\(name) \(text)"
        return Array(((usesColour ? coloured(text, as: name) : text) + "\n").utf8)
    }

    /// A line of ours about no name, with a mark of its own where the bar of the others is.
    func announcement(_ text: String, usesColour: Bool) -> [UInt8] {
        let mark = String(repeating: " ", count: width + 2) + "⦿ "
        return Array(((usesColour ? "\u{1B}[92m\(mark)\u{1B}[0m" : mark) + text + "\n").utf8)
    }

    private func coloured(_ text: String, as name: String) -> String {
        guard let code = colour[name] else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// `web-1` for `shop-web-1` of project `shop`; a name that the file gave stays whole.
    static func name(of container: String, in project: String) -> String {
        ["-", "_"].contains { container.hasPrefix(project + $0) }
            ? String(container.dropFirst(project.count + 1)) : container
    }

    private mutating func assign(_ name: String) {
        guard colour[name] == nil else { return }
        colour[name] = Self.colours[colour.count % Self.colours.count]
    }
}
