import Compose

/// What a shell may put behind `config --explain`: values of the project, a step at a time.
enum ValueCompletion {
    /// The paths that go on from a prefix; none where the project does not load.
    static func paths(_ prefix: String, _ words: [String]) -> [String] {
        guard let directory = try? Machine.workingDirectory() else {
            return []  // There is nothing to complete, and nobody to tell.
        }
        var options = LoadOptions(
            purpose: .config,
            workingDirectory: directory,
            environment: Machine.environment()
        )
        for (index, word) in words.enumerated() where index + 1 < words.count {
            if word == "-f" || word == "--file" { options.files.append(words[index + 1]) }
        }
        // A shell has no place for an error here; the command itself tells it.
        return (try? ComposeLoader(files: LocalFiles()).load(options))?.paths(from: prefix) ?? []
    }
}
