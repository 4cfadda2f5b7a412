import Compose
import OrderedCollections

/// What a shell may put behind `config --explain`: values of the project, a step at a time.
enum ValueCompletion {
    /// The paths that go on from a prefix; none where the project does not load.
    static func paths(_ prefix: String, _ words: [String]) -> [String] {
        project(words)?.paths(from: prefix) ?? []
    }

    /// The services that begin with a prefix, those of every profile.
    static func services(_ prefix: String, _ words: [String]) -> [String] {
        guard let project = project(words)?.project else { return [] }
        return (Array(project.services.keys) + Array(project.disabledServices.keys))
            .filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// The project that the words so far choose.
    private static func project(_ words: [String]) -> LoadedProject? {
        // Where there is no working directory any more, there is nothing to complete.
        guard let directory = try? Machine.workingDirectory() else {
            return nil  // There is nothing to complete, and nobody to tell.
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
        return try? ComposeLoader(files: LocalFiles()).load(options)
    }
}
