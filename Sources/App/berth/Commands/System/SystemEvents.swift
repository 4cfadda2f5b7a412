import ContainerRuntime
import ArgumentParser
import DockerViews
import Engine
import GoTemplate

extension System {
    /// What happens on this machine.
    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "events",
            abstract: "Show what happens on this machine, until Ctrl-C or --until."
        )

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "container, event, image, label, network, type, volume.",
                valueName: "key=value"
            )
        )
        var filter: [String] = []

        @Option(
            help: ArgumentHelp("json, or a template.", valueName: "template"),
            completion: .list(["json"])
        )
        var format = ""

        @Option(
            help: ArgumentHelp(
                "What happened before, too: a time, or how long ago.",
                valueName: "time"
            )
        )
        var since: String?

        @Option(help: ArgumentHelp("End then.", valueName: "time"))
        var until: String?

        func run() async throws {
            let now = Timestamp.now()
            let filters = try Filters(filter, known: DockerEvent.filters, flag: "-f, --filter")
            let template = try format.isEmpty || format == "json" ? nil : Self.parse(format)
            let session = try Session.open()
            let (since, until) = try TimeOption.span(since, until, now: now)
            let watch = EventWatch(engine: session.engine, since: since, until: until)
            var subjects = EventSubjects(engine: session.engine)
            for try await event in watch.events() {
                let shown = DockerEvent(event, container: try await subjects.subject(of: event))
                guard shown.meets(filters) else { continue }
                if let template {
                    do { Terminal.line(try template.render(.map(shown.value))) } catch {
                        throw Failure("\(error)")
                    }
                } else if format == "json" {
                    Terminal.line(GoValue.map(shown.value).json(escapesHTML: true))
                } else {
                    Terminal.line(shown.text)
                }
            }
        }

        private static func parse(_ format: String) throws -> Template {
            do { return try Template(parsing: format) } catch {
                throw Failure("Error parsing format: \(error)", exitCode: 64)
            }
        }
    }
}
