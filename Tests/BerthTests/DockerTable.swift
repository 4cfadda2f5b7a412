import ArgumentParser

@testable import berth

/// Docker's own commands and flags against ours: what is carried out, and what is refused and why.
struct DockerTable {
    private var counts = (commands: 0, flags: 0, done: 0, limited: 0, refused: 0)

    /// The type of a command that words lead to; nil where there is none.
    static func command(_ name: String) -> (any ParsableCommand.Type)? {
        var type: any ParsableCommand.Type = Docker.self
        for word in name.split(separator: " ") {
            guard let next = type.subcommand(named: String(word)) else { return nil }
            type = next
        }
        return type
    }

    /// Every way to write a flag or an option of a command.
    static func spellings(of name: String) throws -> Set<String>? {
        guard let type = command(name) else { return nil }
        let known = try CommandSpellings(of: type)
        return Set(known.options.keys).union(known.flags.keys)
    }

    /// The table for the documentation, with what it comes to.
    mutating func text() -> String {
        let rows = DockerEngine.commands.map { row($0) }
        return """
            \(counts.commands) of \(rows.count) commands are here. Of all \(counts.flags) flags \
            \(counts.done) are carried out, \(counts.limited) are for some values, and \
            \(counts.refused) are refused by name.

            | command | flags that are carried out | for some values | refused |
            | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            Commands that are refused: \(Self.absent).

            """
    }

    private mutating func row(_ command: ReferenceCommand) -> String {
        if let reason = command.refusals[command.name] {
            counts.flags += command.flags.count
            counts.refused += command.flags.count
            return "| `\(command.name)` | refused: \(reason) |  |  |"
        }
        counts.commands += 1
        counts.flags += command.flags.count
        var (done, limited, refused): ([String], [String], [(flags: String, reason: String)]) =
            ([], [], [])
        for names in command.flags {
            let shown = "`\(names.joined(separator: "`, `"))`"
            if let reason = command.refusal(of: names[0]) {
                counts.refused += 1
                if let same = refused.firstIndex(where: { $0.reason == reason }) {
                    refused[same].flags += " " + shown
                } else {
                    refused.append((shown, reason))
                }
            } else if let limit = names.compactMap({ command.limits[$0] }).first {
                counts.limited += 1
                limited.append("\(shown): \(limit)")
            } else {
                counts.done += 1
                done.append(shown)
            }
        }
        let reasons = refused.map { "\($0.flags): \($0.reason)" }.joined(separator: "; ")
        return "| `\(command.name)` | \(done.joined(separator: " ")) | "
            + "\(limited.joined(separator: "; ")) | \(reasons) |"
    }

    /// Each with its reason.
    private static var absent: String {
        DockerInvocation.absent.sorted { $0.key < $1.key }
            .map { "`\($0.key)`: \($0.value)" }.joined(separator: "; ")
    }
}
