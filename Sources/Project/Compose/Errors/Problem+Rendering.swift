extension Problem {
    /// The problem with the offending line and a caret beneath it, for a person.
    ///
    ///     compose.yaml:14:7: services.web: unknown key "prots"; did you mean "ports"?
    ///        14 |       prots:
    ///           |       ^
    ///
    /// The way of the value into the project follows, one place a line.
    /// Control characters of the line are shown as `?`: the file may come from anywhere.
    package func rendered() -> String {
        guard let sourceLine, position.line > 0 else { return description }
        var plain = self
        plain.route = []
        let number = String(position.line)
        let margin = String(repeating: " ", count: max(0, 5 - number.count))
        let blank = String(repeating: " ", count: margin.count + number.count)
        // Of a long line only what is around the place fits a screen.
        let start = position.column > 120 ? position.column - 60 : 0
        var shown = start > 0 ? "…" : ""
        var caret = start > 0 ? " " : ""
        for (index, character) in sourceLine.enumerated().dropFirst(start).prefix(160) {
            let isControl = character.unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\t"
            }
            shown.append(isControl ? "?" : character)
            if index < position.column - 1 { caret.append(character == "\t" ? "\t" : " ") }
        }
        if sourceLine.count > start + 160 { shown += "…" }
        let way = route.map { "\n\(blank) = \($0)" }.joined()
        return """
            \(plain.description)
            \(margin)\(number) | \(shown)
            \(blank) | \(caret)^\(way)
            """
    }
}
