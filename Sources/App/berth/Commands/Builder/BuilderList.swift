import ArgumentParser
import ContainerRuntime
import DockerViews
import OCI
import TextForms

extension BuilderGroup {
    /// The builder, by each of its names.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List builders: berth's own, by each of its names."
        )

        @Option(help: "table, json, a template, or table and a template.", completion: .formats)
        var format = ""

        @Flag(name: .customLong("no-trunc"), help: "All platforms, whatever their number.")
        var noTrunc = false

        func run() throws {
            let names = BuilderNames(of: .ofMachine())
            if format == "json" {
                for name in names.all { Terminal.line(Self.document(of: name, in: names)) }
                return
            }
            let platforms = RunnablePlatforms().all.map(\.description).joined(separator: ", ")
            let rows = names.all.flatMap { name in
                let isCurrent = name == names.current
                return [
                    Self.row(name + (isCurrent ? "*" : ""), "docker"),
                    Self.row(
                        " \\_ " + BuilderInspect.node(of: name),
                        " \\_ default",
                        "running",
                        BuilderInspect.version,
                        platforms
                    ),
                ]
            }
            let listing = RowListing(
                format: format,
                columns: [
                    .init("Name", "NAME/NODE"), .init("DriverEndpoint", "DRIVER/ENDPOINT"),
                    .init("Status", "STATUS"), .init("Buildkit", "BUILDKIT"),
                    .init("Platforms", "PLATFORMS"),
                ]
            )
            for line in try listing.lines(rows) { Terminal.line(line) }
        }

        /// One builder in one line, with buildx's members.
        private static func document(of name: String, in names: BuilderNames) -> String {
            let platforms = RunnablePlatforms().all.map { JSONString.quoted($0.description) }
            return """
                {"Current":\(name == names.current),"Driver":"docker","Dynamic":false,\
                "Name":\(JSONString.quoted(name)),"Nodes":[{"Endpoint":"default",\
                "Name":\(JSONString.quoted(BuilderInspect.node(of: name))),\
                "Platforms":[\(platforms.joined(separator: ","))],"Status":"running",\
                "Version":\(JSONString.quoted(BuilderInspect.version))}]}
                """
        }

        private static func row(
            _ name: String,
            _ endpoint: String,
            _ status: String = "",
            _ version: String = "",
            _ platforms: String = ""
        ) -> [(name: String, value: String)] {
            [
                ("Buildkit", version), ("DriverEndpoint", endpoint), ("Name", name),
                ("Platforms", platforms), ("Status", status),
            ]
        }
    }
}
