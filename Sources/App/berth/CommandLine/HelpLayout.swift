import ArgumentParser

/// The order and the lines of help: a command's own options before the global ones, and usage that
/// is no wider than the terminal. The argument parser has titled options first and usage in one line.
enum HelpLayout {
    /// Where the parser begins to say what an option does.
    private static let labelWidth = 26

    /// `text` as the parser wrote it, laid out.
    static func arranged(_ text: String, columns: Int) -> String {
        let title = ProjectOptions.title.uppercased() + ":\n"
        var sections = text.split(separator: "\n\n", omittingEmptySubsequences: false)
            .map(String.init)
        if let place = sections.firstIndex(where: { $0.hasPrefix(title) }) {
            var section = sections.remove(at: place)
            let isPointer = sections.last?.hasPrefix("  See '") == true
            let end = isPointer ? sections.count - 1 : sections.count
            // The parser ends all help with an empty line.
            if end > 0, sections[end - 1].hasSuffix("\n") { sections[end - 1].removeLast() }
            while section.hasSuffix("\n") { section.removeLast() }
            sections.insert(section, at: end)
        }
        return sections.joined(separator: "\n\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("USAGE: ") || $0.hasPrefix("Usage: ") ? wrapped($0, columns) : $0 }
            .joined(separator: "\n")
    }

    /// A line of usage over several lines; what stands in brackets stays together. The global
    /// options, which belong before the command, are left out.
    private static func wrapped(_ line: Substring, _ columns: Int) -> Substring {
        var words = DockerSynopsis.words(line)
        if words.contains(where: { $0.hasPrefix("[--project-name ") }) {
            let names = Array(LeadingOptions.valued.values) + LeadingOptions.flags.values
            words.removeAll { word in
                names.contains { word.hasPrefix("[\($0) ") || word == "[\($0)]" }
            }
        }
        let short = words.joined(separator: " ")
        guard short.count > columns else { return short[...] }
        let path = words.prefix { word in !["[", "<", "(", "-"].contains { word.hasPrefix($0) } }
        let start = path.map(\.count).reduce(0, +) + path.count
        let indent = String(repeating: " ", count: start <= columns / 2 ? start : 11)
        var lines = [""]
        for word in words {
            let last = lines[lines.count - 1]
            if last.isEmpty || last == indent {
                lines[lines.count - 1] += word
            } else if last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(indent + word)
            }
        }
        return lines.joined(separator: "\n")[...]
    }

    /// The global options for the help of berth itself, where they are written before the command
    /// and have short names.
    static func globalOptions(columns: Int) -> String {
        // Without a description there is no help of options; the commands' own has them, too.
        let description = try? CommandDescription(of: ProjectOptions.self)
        let options = description?.arguments.filter { $0.long != "--help" } ?? []
        return ([ProjectOptions.title.uppercased() + ":"] + options.map { entry($0, columns) })
            .joined(separator: "\n")
    }

    private static func entry(
        _ option: CommandDescription.Argument,
        _ columns: Int
    ) -> String {
        let long = option.long ?? ""
        let short = LeadingOptions.valued.keys.first {
            $0.count == 2 && LeadingOptions.valued[$0] == long
        }
        var label = "  " + [short, long].compactMap { $0 }.joined(separator: ", ")
        if option.kind == .option { label += " <\(option.valueName ?? "value")>" }
        var lines = [label]
        if label.count >= labelWidth { lines.append("") }
        for word in (option.abstract ?? "").split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.count < labelWidth {
                let padding = String(repeating: " ", count: labelWidth - last.count)
                lines[lines.count - 1] += padding + word
            } else if last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(repeating: " ", count: labelWidth) + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
