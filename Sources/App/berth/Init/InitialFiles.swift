import Compose

/// What `berth init` would write for a repository.
struct InitialFiles: Equatable {
    struct File: Equatable {
        /// Below the repository.
        var path: String
        var text: String
    }

    /// Languages and databases, as they were found.
    var found: [String]
    /// What could not be read, and so is guessed.
    var warnings: [String]
    var files: [File]

    /// Names under which a project has its compose file already.
    static let composeNames = ComposeFileNames.usual

    /// nil when no language is known.
    init?(for repository: Repository) {
        var stacks: [(service: String, folder: String, stack: Stack)] = []
        if let stack = Stack.of(repository) {
            stacks.append((Self.serviceName(repository.name), "", stack))
        } else {
            // Of a repository of several parts each is a service.
            for (name, folder) in repository.folders.sorted(by: { $0.key < $1.key }) {
                // A name that YAML or a Dockerfile could read otherwise is left to people.
                guard Stack.plain(name) != nil, let stack = Stack.of(folder) else { continue }
                stacks.append((Self.serviceName(name), name, stack))
            }
        }
        guard !stacks.isEmpty else { return nil }
        let databases = Database.allCases.filter { database in
            stacks.contains { Database.isNamed(database, in: $0.stack.dependencies) }
        }
        found =
            stacks.map {
                $0.folder.isEmpty ? $0.stack.language : "\($0.stack.language) in \($0.folder)"
            }
            + databases.map(\.title)
        warnings = stacks.compactMap(\.stack.warning)
        // A project is called after its folder, where that has a letter for it.
        let isNamed = repository.name.lowercased().contains(where: Self.letters.contains)
        let name =
            isNamed ? "" : "# The folder's name is none that a project can have.\nname: app\n"
        files = [File(path: "compose.yaml", text: Self.compose(stacks, databases, name))]
        for (_, folder, stack) in stacks {
            let prefix = folder.isEmpty ? "" : folder + "/"
            files.append(File(path: prefix + "Dockerfile", text: stack.dockerfile))
            files.append(File(path: prefix + ".dockerignore", text: Self.ignore(stack)))
        }
    }

    /// A folder's name as services may be called; never that of a database.
    private static func serviceName(_ folder: String) -> String {
        let parts = folder.lowercased().split { !letters.contains($0) && $0 != "-" && $0 != "_" }
        let name = parts.joined(separator: "-").drop { !letters.contains($0) }
        let trimmed = String(name.reversed().drop { !letters.contains($0) }.reversed())
        guard !trimmed.isEmpty, Database(rawValue: trimmed) == nil else { return "app" }
        return trimmed
    }

    /// What a name may begin and end with.
    private static let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789")

    private static func compose(
        _ stacks: [(service: String, folder: String, stack: Stack)],
        _ databases: [Database],
        _ name: String
    ) -> String {
        var blocks: [String] = []
        var taken: Set<UInt16> = []
        for (service, folder, stack) in stacks {
            let own = databases.filter { Database.isNamed($0, in: stack.dependencies) }
            blocks.append(block(service, folder, stack, own, &taken))
        }
        blocks += databases.map(\.service)
        var text = """
            # Written by `berth init`. `berth up` builds and starts everything; `berth graph` draws it.
            # Read the comments, and change what does not fit.
            \(name)services:

            """ + blocks.joined(separator: "\n\n") + "\n"
        if !databases.isEmpty {
            text +=
                "\n# What the databases hold stays when containers are replaced; `berth down -v` removes it.\n"
            text += "volumes:\n" + databases.map { "  \($0.rawValue):\n" }.joined()
        }
        return text
    }

    private static func block(
        _ service: String,
        _ folder: String,
        _ stack: Stack,
        _ databases: [Database],
        _ taken: inout Set<UInt16>
    ) -> String {
        var lines = stack.notes.map { "  # \($0)." }
        lines += ["  \(service):", "    build: \(folder.isEmpty ? "." : "./" + folder)"]
        if let port = stack.port {
            // Ports below 1024 are left to others, and no two services have the same.
            var outer = port < 1024 ? 8080 : port
            while !taken.insert(outer).inserted { outer += 1 }
            lines.append("    ports:")
            lines.append(
                "      # Only this machine reaches it; without 127.0.0.1 every other one does, too."
            )
            lines.append("      - \"127.0.0.1:\(outer):\(port)\"")
        }
        if !databases.isEmpty {
            lines.append("    environment:")
            var names: Set<String> = []
            for (name, value) in databases.map(\.address) where names.insert(name).inserted {
                lines.append("      \(name): \(value)")
            }
            lines.append("    # It is started when these answer.")
            lines.append("    depends_on:")
            for database in databases {
                lines += ["      \(database.rawValue):", "        condition: service_healthy"]
            }
        }
        lines.append("    # After a crash it is started again, until somebody stops it.")
        lines.append("    restart: unless-stopped")
        return lines.joined(separator: "\n")
    }

    private static func ignore(_ stack: Stack) -> String {
        let lines = [
            "# What the image does not need, and what nobody should find in it.", ".git", ".env",
            ".env.*",
            "Dockerfile", ".dockerignore", "compose*.yaml", "compose*.yml", "docker-compose*.yml",
        ]
        return (lines + stack.ignored).joined(separator: "\n") + "\n"
    }
}
