import ArgumentParser
import Engine

extension BuilderGroup {
    /// Another name for the one builder.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Give the builder another name, for scripts that make one of their own."
        )

        @Option(help: "The name, otherwise one is made up.")
        var name: String?

        @Flag(help: "Make it the current one.")
        var use = false

        @Flag(help: "Nothing has to be started: there is no daemon.")
        var bootstrap = false

        @Option(
            help: "docker or docker-container: berth builds itself all the same.",
            completion: .list(["docker", "docker-container"])
        )
        var driver: String?

        @Argument(help: .hidden)
        var endpoint: String?

        func run() throws {
            if let driver, !["docker", "docker-container"].contains(driver) {
                throw Failure("--driver \(driver): berth has one builder, its own, on this machine")
            }
            if let endpoint, endpoint != BuilderNames.own {
                throw Failure("\(endpoint): berth builds on this machine only; leave it out")
            }
            let layout = try Session.open().layout
            var names = BuilderNames(of: layout)
            let chosen = name ?? Self.free(besides: names)
            try names.add(chosen)
            if use { try names.use(chosen) }
            try names.save(to: layout)
            Terminal.line(chosen)
        }

        private static func free(besides names: BuilderNames) -> String {
            var number = names.given.count
            while names.all.contains("builder\(number)") { number += 1 }
            return "builder\(number)"
        }
    }

    /// Which name is the current one.
    struct Use: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "use",
            abstract: "Choose the name that the builder goes by."
        )

        @Argument(help: ArgumentHelp("A name of the builder.", valueName: "name"))
        var name: String

        func run() throws {
            let layout = try Session.open().layout
            var names = BuilderNames(of: layout)
            try names.use(name)
            try names.save(to: layout)
        }
    }

    /// A name away.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Take names from the builder. Its cache stays."
        )

        @Flag(name: .shortAndLong, help: "Nothing is asked in any case.")
        var force = false

        @Argument(help: ArgumentHelp("Names of the builder.", valueName: "name"))
        var names: [String]

        func run() throws {
            let layout = try Session.open().layout
            var known = BuilderNames(of: layout)
            for name in names {
                try known.remove(name)
                try known.save(to: layout)
                Terminal.line("\(name) removed", to: .error)
            }
        }
    }
}
