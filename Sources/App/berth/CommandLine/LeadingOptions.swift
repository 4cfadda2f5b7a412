/// Moves docker compose's global options behind the command: `-f a.yaml up` is read as
/// `up --file a.yaml`, since `-f` means something else to some commands.
enum LeadingOptions {
    /// Short or long spelling before the command, and its unambiguous long form.
    static let valued = [
        "-f": "--file", "--file": "--file", "-p": "--project-name",
        "--project-name": "--project-name",
        "--project-directory": "--project-directory", "--env-file": "--env-file",
        "--profile": "--profile", "--progress": "--progress", "--ansi": "--ansi",
        "--parallel": "--parallel",
    ]
    private static let groups: Set<String> = ["system", "image", "registry", "container"]
    static let flags = [
        "--dry-run": "--dry-run", "--all-resources": "--all-resources",
        "--compatibility": "--compatibility", "--verbose": "--verbose",
    ]

    /// A global option that stood before the command.
    struct Option: Equatable {
        /// As it was written: `-f`, `--project-name`.
        var typed: String
        /// Its unambiguous long form, with its value if it takes one: `--file=a.yaml`.
        var word: String
    }

    /// A command line taken apart.
    struct Parts: Equatable {
        /// The options that stood before the command.
        var options: [Option] = []
        /// The command and what follows it, `compose` before it dropped.
        var rest: ArraySlice<String> = []
        /// The last option, if its value is missing.
        var incomplete: String?
    }

    /// `arguments` without the program's name, the global options behind the command.
    static func arguments(_ arguments: [String]) -> [String] {
        let parts = parts(of: arguments)
        return joined(parts.options.map(\.word), parts)
    }

    /// The command of `parts` with `options` behind it.
    static func joined(_ options: [String], _ parts: Parts) -> [String] {
        let options = options.flatMap(words)
        if let incomplete = parts.incomplete { return options + [incomplete] }
        guard let command = parts.rest.first, !command.hasPrefix("-") else {
            return Array(parts.rest) + options
        }
        return [command] + nested(parts.rest.dropFirst(), after: command, options)
    }

    /// The parser takes an empty value only as a word of its own.
    private static func words(_ option: String) -> [String] {
        guard let sign = option.firstIndex(of: "="), option[sign...] == "=" else { return [option] }
        return [String(option[..<sign]), ""]
    }

    /// Takes the global options from the front of `arguments`.
    static func parts(of arguments: [String]) -> Parts {
        var parts = Parts(rest: arguments[...])
        while let word = parts.rest.first {
            let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            if word == "compose" {
                parts.rest.removeFirst()
            } else if let long = valued[word] {
                parts.rest.removeFirst()
                guard let value = parts.rest.popFirst() else {
                    parts.incomplete = word
                    break
                }
                parts.options.append(Option(typed: word, word: "\(long)=\(value)"))
            } else if pair.count == 2, let long = valued[pair[0]] {
                parts.options.append(Option(typed: pair[0], word: "\(long)=\(pair[1])"))
                parts.rest.removeFirst()
            } else if let short = clustered(word) {
                parts.options.append(Option(typed: String(word.prefix(2)), word: short))
                parts.rest.removeFirst()
            } else if let flag = flags[word] {
                parts.options.append(Option(typed: word, word: flag))
                parts.rest.removeFirst()
            } else {
                break
            }
        }
        return parts
    }

    /// `-fcompose.yaml`, a short option with its value in one word.
    private static func clustered(_ word: String) -> String? {
        guard word.count > 2, !word.hasPrefix("--"), let long = valued[String(word.prefix(2))]
        else {
            return nil
        }
        return "\(long)=\(word.dropFirst(2))"
    }

    /// A group (`system check`) takes the options behind its own command.
    private static func nested(
        _ rest: ArraySlice<String>,
        after command: String,
        _ moved: [String]
    ) -> [String] {
        guard groups.contains(command), let inner = rest.first, !inner.hasPrefix("-") else {
            return moved + Array(rest)
        }
        return [inner] + moved + Array(rest.dropFirst())
    }
}
