import ArgumentParser
import Compose
import Engine
import OCI
import OrderedCollections

/// What a shell may put where a value belongs. `words` are the command and what follows it, the
/// global options in their long form among them.
///
/// A shell has no place for an error here: where something cannot be had there is nothing to
/// complete, and the command itself says why.
enum ValueCompletion {
    /// The paths of `config --explain` that go on from a prefix, a step at a time.
    static func paths(_ prefix: String, _ words: [String]) -> [String] {
        guard let options = options(words) else { return [] }
        return project(options)?.paths(from: prefix) ?? []
    }

    /// The services that begin with a prefix, those of every profile, and those that only have
    /// containers: the file may be gone, or another one.
    static func services(_ prefix: String, _ words: [String]) -> [String] {
        guard let options = options(words) else { return [] }
        var names: [String] = []
        var name = options.projectName
        // With a name alone, commands look for containers; the file here may be another project's.
        if let loaded = project(options) {
            let project = loaded.project
            name = name ?? project.name
            names = Array(project.services.keys) + Array(project.disabledServices.keys)
        } else {
            names = ComposeLoader(files: LocalFiles()).outlinedServices(options)
        }
        return sorted(names + serviceRecords(of: name), prefix)
    }

    static func scales(_ prefix: String, _ words: [String]) -> [String] {
        guard !prefix.contains("=") else { return [] }
        return services(prefix, words).map { $0 + "=" }
    }

    static func profiles(_ prefix: String, _ words: [String]) -> [String] {
        sorted(options(words).flatMap(project)?.profiles ?? [], prefix)
    }

    static func images(_ prefix: String) -> [String] {
        let names = records { engine in
            try await engine.images().flatMap(\.names).map(\.reference)
        }
        // A record whose name cannot be read has nothing to offer.
        let references = names.compactMap { try? ImageReference($0) }
        return sorted(references.filter { $0.digest == nil }.map(\.familiar), prefix)
    }

    static func containers(_ prefix: String) -> [String] {
        sorted(records { try await $0.containers(ofProject: nil).map(\.name.description) }, prefix)
    }

    static func networks(_ prefix: String) -> [String] {
        sorted(records { try await $0.networks().map(\.name) }, prefix)
    }

    static func volumes(_ prefix: String) -> [String] {
        sorted(records { try await $0.volumes().map(\.name) }, prefix)
    }

    static func projects(_ prefix: String) -> [String] {
        sorted(records { try await $0.projects().map(\.name) }, prefix)
    }

    private static func serviceRecords(of project: String?) -> [String] {
        guard let project else { return [] }
        return records { try await $0.containers(ofProject: project).compactMap(\.service) }
    }

    /// What the records of this machine say.
    private static func records(
        _ names: @escaping @Sendable (Engine) async throws -> [String]
    ) -> [String] {
        // `try?`: a completion never shows an error, it offers nothing.
        let found = try? waiting {
            guard let session = try Session.openIfAny(isSilent: true) else { return [] as [String] }
            return try await names(session.engine)
        }
        return found ?? []
    }

    private static func sorted(_ names: [String], _ prefix: String) -> [String] {
        Set(names).filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// nil for a file that does not load: what is wrong with it is for the command to say.
    private static func project(_ options: LoadOptions) -> LoadedProject? {
        try? ComposeLoader(files: LocalFiles()).load(options)
    }

    /// The project that the words choose.
    private static func options(_ words: [String]) -> LoadOptions? {
        // A folder that is gone has no compose file.
        guard let directory = try? Machine.workingDirectory() else { return nil }
        var options = LoadOptions(
            purpose: .lookUp,
            workingDirectory: directory,
            environment: Machine.environment()
        )
        options.files = values(of: "--file", in: words)
        options.projectName = values(of: "--project-name", in: words).last
        options.projectDirectory = values(of: "--project-directory", in: words).last
        options.envFiles = values(of: "--env-file", in: words)
        options.profiles = values(of: "--profile", in: words)
        return options
    }

    /// The values of an option, `--file=a` and `--file a`.
    private static func values(of option: String, in words: [String]) -> [String] {
        words.indices.compactMap { index in
            if words[index] == option, index + 1 < words.count { return words[index + 1] }
            guard words[index].hasPrefix(option + "=") else { return nil }
            return String(words[index].dropFirst(option.count + 1))
        }
    }
}
