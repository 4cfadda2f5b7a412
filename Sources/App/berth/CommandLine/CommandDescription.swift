import ArgumentParser
import FoundationEssentials

/// What the argument parser knows of one command's arguments; it tells when it is asked for a
/// description of the command.
struct CommandDescription {
    let arguments: [Argument]

    /// A flag, an option with a value, or a word by its place.
    struct Argument: Decodable {
        enum Kind: String, Decodable { case flag, option, positional }

        let kind: Kind
        let shouldDisplay: Bool
        let sectionTitle: String?
        let isOptional: Bool
        let isRepeating: Bool
        let parsingStrategy: String
        private let names: [Name]?
        /// What help calls the value.
        let valueName: String?
        let defaultValue: String?
        /// What help says of it.
        let abstract: String?
        let completionKind: Completion?

        /// `-f`, `--file`: every spelling, short ones first.
        var spellings: [String] {
            (names ?? []).map(\.spelling).sorted { !$0.hasPrefix("--") && $1.hasPrefix("--") }
        }
        var short: String? { spellings.first { !$0.hasPrefix("--") } }
        var long: String? { spellings.first { $0.hasPrefix("--") } }
        /// Whether all that follows belongs to it, whatever it looks like.
        var takesTheRest: Bool {
            ["allRemainingInput", "postTerminator"].contains(parsingStrategy)
        }
    }

    private struct Name: Decodable {
        let kind: String
        let name: String
        var spelling: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    /// What a shell may put where a value belongs. The parser writes one of these keys.
    struct Completion: Decodable {
        let list: Values?
        let file: Extensions?
        let directory: Nothing?
        let custom: Nothing?

        struct Values: Decodable { let values: [String] }
        struct Extensions: Decodable { let extensions: [String] }
        struct Nothing: Decodable {}
    }

    init(of type: any ParsableArguments.Type) throws {
        let text = type._dumpHelp()
        arguments =
            try JSONDecoder().decode(Document.self, from: Data(text.utf8)).command.arguments ?? []
    }

    private struct Document: Decodable {
        let command: Command

        struct Command: Decodable { let arguments: [Argument]? }
    }
}
