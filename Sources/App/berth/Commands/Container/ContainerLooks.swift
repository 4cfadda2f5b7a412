import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine
import Supervisor

extension ContainerGroup {
    /// What a container wrote.
    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logs",
            abstract: "Show what a container wrote."
        )

        @Flag(name: .shortAndLong, help: "Go on until the container has ended.")
        var follow = false

        @Flag(help: "Show what --log-opt labels, env and tag ask for, before each line.")
        var details = false

        @Option(
            help: ArgumentHelp(
                "Only later lines: a time, or how long ago (10m).",
                valueName: "time"
            )
        )
        var since: String?

        @Option(help: ArgumentHelp("Only earlier lines.", valueName: "time"))
        var until: String?

        @Option(
            name: [.customShort("n"), .customLong("tail")],
            parsing: .unconditional,
            help: ArgumentHelp("The last lines, or all.", valueName: "number")
        )
        var tail = "all"

        @Flag(name: .shortAndLong, help: "Show when each line was received.")
        var timestamps = false

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let target = try await NamedContainers.one(container)
            let (engine, record) = (target.engine, target.record)
            guard try record.spec.log.driver != LogSpec.Driver.none else {
                throw Failure(engine: "configured logging driver does not support reading")
            }
            var selection = LogSelection()
            // What is no number is all, as docker has it.
            selection.tail = Int(tail).flatMap { $0 < 0 ? nil : $0 }
            selection.since = try Self.time(since, "since")
            selection.until = try Self.time(until, "until")
            var options = LogPrinter.Options()
            options.showsTime = timestamps
            options.showsPrefix = false
            if details { options.details = try LogDetails.text(of: record) }
            let names = [record.name]
            var printer = LogPrinter(names: names, options: options)
            guard follow, target.isAlive else {
                return try await engine.readLogs(of: [record.id], selection) { lines in
                    printer.write(lines, names: names)
                }
            }
            try await target.session.ensureSupervised(target.project, [record])
            selection.follow = .whileRunning
            try await engine.followLogs(
                selection,
                of: {
                    let end = try await engine.end(of: [record.id])
                    return LogWriters(
                        [record.id],
                        isOver: end == .told,
                        isUnsettled: end == .untold
                    )
                }
            ) { lines, _ in
                printer.write(lines, names: names)
            } caughtUp: {
            }
        }

        private static func time(_ text: String?, _ flag: String) throws -> Timestamp? {
            do { return try text.map { try TimeOption.parse($0) } } catch {
                throw Failure("invalid value for \"\(flag)\": \(error)")
            }
        }
    }

    /// Where the ports of a container are published.
    struct Port: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "port",
            abstract: "Show where the ports of a container are published."
        )

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(help: ArgumentHelp("One of its ports.", valueName: "private_port[/proto]"))
        var port: String?

        func run() async throws {
            let target = try await NamedContainers.one(container)
            let published = PublishedPorts(target.record.published)
            guard let port else {
                for line in published.lines { Terminal.line(line) }
                return
            }
            let parts = port.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let number = UInt16(parts[0]) else {
                throw Failure("Error: invalid port specification \(port)")
            }
            let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
            let places = published.places(of: number, transport)
            guard !places.isEmpty else {
                throw Failure("Error: No public port '\(port)' published for \(container)")
            }
            for place in places { Terminal.line(place) }
        }
    }

    /// What runs in a container.
    struct Top: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "top",
            abstract: "Show the processes of a container."
        )

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(
            parsing: .captureForPassthrough,
            help: ArgumentHelp("Options of ps(1): -ef, aux, -o pid,args.", valueName: "ps-options")
        )
        var options: [String] = []

        func run() async throws {
            let target = try await NamedContainers.one(container)
            try target.checkRuns()
            let table = try ProcessTable(options: options)
            guard table.titles.contains("PID") else {
                throw Failure(engine: "Couldn't find PID field in ps output")
            }
            let processes = try await target.engine.processes(of: target.record)
            let lines = Table(
                header: table.titles,
                rows: table.rows(processes),
                minimumWidth: 20,
                gap: 0
            ).lines()
            for line in lines { Terminal.line(line) }
        }
    }

    /// What containers use.
    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stats",
            abstract: "Show what containers use of processors, memory, network and disks."
        )

        @OptionGroup var options: StatsOptions

        @Argument(help: "The containers; all that run when none is named.", completion: .containers)
        var containers: [String] = []

        func run() async throws {
            let session = try Session.openIfAny()
            var ids: Set<ContainerID> = []
            for name in containers {
                ids.insert(try await NamedContainers.Target(name, in: session).record.id)
            }
            let wanted = ids
            try await options.show(in: session, withStopped: !wanted.isEmpty) {
                let all = try await session?.engine.observe(project: nil).containers ?? []
                return wanted.isEmpty ? all : all.filter { wanted.contains($0.record.id) }
            }
        }
    }
}
