import ArgumentParser

/// A command line of docker's taken apart: the global options before the command, and the rest.
struct DockerInvocation: Equatable {
    /// Whose command line the rest is.
    enum Route: Equatable {
        /// `docker compose …`: ours, without that word.
        case compose
        case engine
    }

    var route = Route.engine
    var arguments: [String] = []
    /// What the options set for the rest of this process.
    var environment: [String: String] = [:]

    /// Options before the command that take a value, by every spelling.
    static let valued = [
        "-H": "--host", "--host": "--host", "-c": "--context", "--context": "--context",
        "--config": "--config", "-l": "--log-level", "--log-level": "--log-level",
        "--tlscacert": "--tlscacert", "--tlscert": "--tlscert", "--tlskey": "--tlskey",
    ]
    /// Docker's levels as swift-log calls them.
    private static let levels = [
        "debug": "debug", "info": "info", "warn": "warning", "error": "error", "fatal": "critical",
    ]

    /// Reads what stands after the program's name.
    /// - Throws: `Failure` for what means another machine, and for commands that are not here.
    init(_ arguments: [String], surroundings: [String: String]) throws {
        try Self.checkHost(surroundings["DOCKER_HOST"] ?? "", named: "DOCKER_HOST")
        try Self.checkContext(surroundings["DOCKER_CONTEXT"] ?? "", named: "DOCKER_CONTEXT")
        var rest = arguments[...]
        var seen: Set<String> = []
        while let word = rest.first, word.hasPrefix("-"), word != "-" {
            rest = rest.dropFirst()
            if word == "-D" || word == "--debug" || word == "--debug=true" {
                environment["BERTH_LOG"] = "debug"
            } else if word == "-v" || word == "--version" {
                self.arguments = ["--version"]
                return
            } else if let (option, joined) = Self.option(word) {
                guard let value = joined ?? rest.first else {
                    throw Failure("flag needs an argument: \(word)", exitCode: 125)
                }
                if joined == nil { rest = rest.dropFirst() }
                try take(option, value, isRepeated: !seen.insert(option).inserted)
            } else if ["--tls=false", "--tlsverify=false", "--debug=false"].contains(word) {
                continue
            } else if word.hasPrefix("--tls") {
                throw Failure(
                    "\(word): berth works on this machine only, there is no server to talk to",
                    exitCode: 125
                )
            } else {
                self.arguments = [word]
                return
            }
        }
        if rest.first == "compose" {
            route = .compose
            self.arguments = Array(rest.dropFirst())
        } else if rest.first == "help" {
            self.arguments = Array(rest)
            try Self.checkTopic(rest.dropFirst())
        } else {
            rest = Self.withoutBuilder(rest)
            try Self.refuseAbsent(rest)
            self.arguments = try GoFlags.normalised(Array(rest), below: Docker.self)
        }
    }

    /// `--config=DIR`, `--config`, `-lwarn`, `-l`: the option, and its value if it is in the word.
    private static func option(_ word: String) -> (name: String, value: String?)? {
        if let name = valued[word] { return (name, nil) }
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let name = valued[String(parts[0])] { return (name, String(parts[1])) }
        guard !word.hasPrefix("--"), let name = valued[String(word.prefix(2))] else { return nil }
        return (name, String(word.dropFirst(2)))
    }

    private mutating func take(_ option: String, _ value: String, isRepeated: Bool) throws {
        switch option {
        case "--host":
            guard !isRepeated else { throw Failure("Specify only one -H", exitCode: 125) }
            try Self.checkHost(value, named: "--host")
        case "--context": try Self.checkContext(value, named: "--context")
        case "--config": environment["DOCKER_CONFIG"] = value
        case "--log-level":
            guard let level = Self.levels[value] else {
                throw Failure("unable to parse logging level: \(value)", exitCode: 125)
            }
            environment["BERTH_LOG"] = level
        default:
            throw Failure(
                "\(option): berth works on this machine only, there is no server to talk to",
                exitCode: 125
            )
        }
    }

    /// The sockets that docker's own engine has by default mean this machine.
    private static func checkHost(_ host: String, named name: String) throws {
        let here = ["", "unix:///var/run/docker.sock", "unix:///run/docker.sock"]
        guard !here.contains(host) else { return }
        throw Failure(
            "\(name) is \(host): berth works on this machine only; leave it out",
            exitCode: 125
        )
    }

    private static func checkContext(_ context: String, named name: String) throws {
        guard !["", "default"].contains(context) else { return }
        throw Failure(
            "\(name) is \(context): berth has no contexts but default; leave it out",
            exitCode: 125
        )
    }

    /// `help` knows commands only.
    private static func checkTopic(_ words: ArraySlice<String>) throws {
        try refuseAbsent(words, isTopic: true)
        var type: any ParsableCommand.Type = Docker.self
        for word in words where !word.hasPrefix("-") {
            guard let next = type.subcommand(named: word) else {
                throw Failure("unknown help topic: \(words.joined(separator: " "))")
            }
            type = next
        }
    }

    /// `buildx build` and `builder build` are `build`: there is one builder here.
    private static func withoutBuilder(_ words: ArraySlice<String>) -> ArraySlice<String> {
        let known = [
            ["buildx", "build"], ["buildx", "b"], ["builder", "build"], ["builder", "b"],
        ]
        guard known.contains(Array(words.prefix(2))) else { return words }
        return ["build"] + words.dropFirst(2)
    }

    /// Refuses by name what docker has and berth has not.
    private static func refuseAbsent(
        _ words: ArraySlice<String>,
        isTopic: Bool = false
    ) throws {
        guard let command = words.first, !command.hasPrefix("-") else { return }
        let inner = words.dropFirst().first ?? ""
        for name in [command, "\(command) \(inner)"] {
            guard let reason = absent[name] else { continue }
            throw Failure("docker: 'docker \(name)' is not supported: \(reason)")
        }
        let known = Docker.configuration.subcommands
        let names = known.flatMap { type in
            [type.configuration.commandName ?? ""] + type.configuration.aliases
        }
        guard !isTopic, !names.contains(command) else { return }
        throw Failure(
            "docker: unknown command: docker \(command)\n\nRun 'docker --help' for more information"
        )
    }

    /// What docker has and berth has not, and why: commands, and those of groups that berth has, too.
    static let absent: [String: String] = {
        var absent = [
            "checkpoint": "no memory of processes is kept",
            "context": "berth works on this machine only",
            "init": "see `berth init`",
            "manifest": "lists of manifests are not written; a push has the ones that are here",
            "plugin": "all drivers are part of berth",
            "scout": "it is a service of docker's",
            "trust": "no signatures are checked",
            "system dial-stdio": "there is no daemon to talk to",
        ]
        for name in ["config", "node", "secret", "service", "stack", "swarm"] {
            absent[name] = "it is for clusters, and berth works on one machine"
        }
        for group in ["builder", "buildx"] {
            absent["\(group) dial-stdio"] = "there is no daemon to talk to"
            absent["\(group) stop"] = "there is no daemon to stop"
            absent["\(group) history"] = "no records of builds are kept"
            absent["\(group) imagetools"] = "lists of manifests are not written"
        }
        return absent
    }()
}
