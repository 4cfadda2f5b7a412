import ArgumentParser
import FoundationEssentials

/// How one command's flags and options are written. The argument parser knows; it tells when it is
/// asked for a description of the command.
struct CommandSpellings {
    /// A flag: something that is on or off.
    struct Flag {
        /// `-f`
        var short: String?
        /// `--force`
        var long: String?
        /// `--no-human`, for a flag that can be turned off.
        var opposite: String?
    }

    /// By every spelling.
    private(set) var flags: [String: Flag] = [:]
    /// What takes a value, by every spelling: the one that `=` may follow.
    private(set) var options: [String: String] = [:]

    init(of type: any ParsableCommand.Type) throws {
        let text = type._dumpHelp()
        let description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
        let arguments = description.command.arguments ?? []
        let names = arguments.map { argument in (argument.names ?? []).map(\.spelling) }
        for (argument, names) in zip(arguments, names) {
            switch argument.kind {
            case "flag":
                let long = names.first { $0.hasPrefix("--") }
                let opposite = long.map { "--no-" + $0.dropFirst(2) }
                let flag = Flag(
                    short: names.first { !$0.hasPrefix("--") },
                    long: long,
                    opposite: opposite.flatMap { opposite in
                        arguments.contains { $0.kind == "flag" && $0.isSpelled(opposite) }
                            ? opposite : nil
                    }
                )
                for name in names { flags[name] = flag }
            case "option":
                for name in names {
                    options[name] = names.first { $0.hasPrefix("--") } ?? name
                }
            default: continue
            }
        }
    }

    /// What the argument parser writes, as far as it is needed.
    private struct Description: Decodable {
        var command: Command

        struct Command: Decodable { var arguments: [Argument]? }

        struct Argument: Decodable {
            var kind: String
            var names: [Name]?

            func isSpelled(_ name: String) -> Bool {
                names?.contains { $0.spelling == name } == true
            }
        }

        struct Name: Decodable {
            var kind: String
            var name: String
            var spelling: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }
    }
}
