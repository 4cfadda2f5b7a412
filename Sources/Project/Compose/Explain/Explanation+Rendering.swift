extension Explanation {
    /// The explanation for a person, oldest source first.
    ///
    ///     services.web.image = web:2
    ///
    ///       1. compose file, compose.yaml:3:12
    ///            web:1
    ///            loses: a later file sets it, too
    ///     > 2. override file, compose.override.yaml:3:12
    ///            web:2
    ///            wins: the last file that sets it
    package func rendered() -> String {
        var lines = [value.map { "\(path) = \($0)" } ?? "\(path) is not set"]
        if let note { lines.append("  \(note)") }
        if parts.isEmpty, !sources.isEmpty { lines.append("") }
        for (index, source) in sources.enumerated() {
            lines += Self.lines(source, number: index + 1)
        }
        if !uses.isEmpty {
            lines += ["", "  used at " + uses.map(\.description).joined(separator: ", ")]
        }
        if !parts.isEmpty {
            lines[0] = "\(path): \(parts.count) value\(parts.count == 1 ? "" : "s")"
            lines.append("")
            lines += partLines
        }
        return lines.map { Self.visible($0) + "\n" }.joined()
    }

    private static func lines(_ source: Source, number: Int) -> [String] {
        let place = source.position.description
        var lines = [
            "\(source.isWinner ? ">" : " ") \(number). \(source.title)"
                + (place.isEmpty ? "" : ", \(place)")
        ]
        let indent = "       "
        for step in source.route { lines.append("\(indent)\(step.words) at \(step.position)") }
        if let written = source.written { lines.append("\(indent)\(written)   (as written)") }
        lines.append(indent + source.value)
        for variable in source.variables { lines.append("\(indent)  \(words(variable))") }
        if !source.because.isEmpty {
            lines.append("\(indent)\(source.isWinner ? "wins" : "loses"): \(source.because)")
        }
        return lines
    }

    /// `DB_HOST = db, from .env:2:1`
    private static func words(_ variable: Variable) -> String {
        switch variable.origin {
        case .shell: "\(variable.name) = \(variable.value), from the shell's environment"
        case .file:
            "\(variable.name) = \(variable.value), from \(variable.position?.description ?? "")"
        case .project: "\(variable.name) = \(variable.value), the project's name"
        case .default: "\(variable.name) is not set: the template's default \(variable.value)"
        case .unset: "\(variable.name) is not set"
        }
    }

    private var partLines: [String] {
        let names = parts.map { part in
            let rest = part.path.dropFirst(path.count)
            return rest.first == "." ? String(rest.dropFirst()) : String(rest)
        }
        let values = parts.map(\.value)
        let nameWidth = min(40, names.map(\.count).max() ?? 0)
        let valueWidth = min(40, values.map(\.count).max() ?? 0)
        return parts.indices.map { index in
            let place = parts[index].position.description
            return "  " + Self.padded(names[index], nameWidth) + "   "
                + Self.padded(values[index], valueWidth) + "   " + parts[index].title
                + (place.isEmpty ? "" : ", \(place)")
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Without what could steer a terminal: the files may come from anywhere.
    private static func visible(_ text: String) -> String {
        String(
            text.map { character in
                character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control && $0 != "\t"
                } ? "?" : character
            }
        )
    }
}
