/// Moves docker compose's global options behind the command: `-f a.yaml up` is read as
/// `up --file a.yaml`, since `-f` means something else to some commands.
enum Hoist {
    /// Short or long spelling before the command, and its unambiguous long form.
    private static let valued = [
        "-f": "--file", "--file": "--file", "-p": "--project-name",
        "--project-name": "--project-name",
        "--project-directory": "--project-directory", "--env-file": "--env-file",
        "--profile": "--profile", "--progress": "--progress", "--ansi": "--ansi",
        "--parallel": "--parallel",
    ]
    private static let groups: Set<String> = ["system", "image", "registry", "container"]
    private static let flags = [
        "--dry-run": "--dry-run", "--all-resources": "--all-resources",
    ]

    /// `arguments` without the program's name, `compose` before the command dropped.
    static func arguments(_ arguments: [String]) -> [String] {
        var moved: [String] = []
        var rest = arguments[...]
        while let word = rest.first {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if word == "compose" {
                rest = rest.dropFirst()
            } else if let long = valued[word] {
                rest = rest.dropFirst()
                guard let value = rest.first else { return moved + [word] }
                moved += ["\(long)=\(value)"]
                rest = rest.dropFirst()
            } else if parts.count == 2, let long = valued[parts[0]] {
                moved.append("\(long)=\(parts[1])")
                rest = rest.dropFirst()
            } else if let short = clustered(word) {
                moved.append(short)
                rest = rest.dropFirst()
            } else if let flag = flags[word] {
                moved.append(flag)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard let command = rest.first, !command.hasPrefix("-") else { return Array(rest) + moved }
        return [command] + nested(rest.dropFirst(), after: command, moved)
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
