import ArgumentParser
import ContainerRuntime
import OCI

/// What is said of the builder in docker's words.
enum BuilderInspect {
    /// It is no BuildKit, and says so.
    static let version = "berth-\(Version.number)"

    /// As buildx calls the nodes of builders.
    static func node(of name: String) -> String {
        name == BuilderNames.own ? name : "\(name)0"
    }
}

extension BuilderGroup {
    /// What there is to know of the builder.
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show the builder: its platforms, and the bounds of its cache."
        )

        @OptionGroup var builder: BuilderOption

        @Flag(help: "Nothing has to be started: there is no daemon.")
        var bootstrap = false

        @Argument(help: ArgumentHelp("A name of the builder.", valueName: "name"))
        var name: String?

        func run() throws {
            let name = try builder.check(name)
            let maximum = try BuildCacheBound.maximum(Machine.environment())
            let platforms = RunnablePlatforms().all.map(\.description).joined(separator: ", ")
            let bound = maximum.map { "\($0) bytes (BERTH_BUILD_CACHE_MAX)" } ?? "75 % of the disk"
            Terminal.line(
                """
                Name:          \(name)
                Driver:        docker

                Nodes:
                Name:             \(BuilderInspect.node(of: name))
                Endpoint:         default
                Status:           running
                BuildKit version: \(BuilderInspect.version)
                Platforms:        \(platforms)
                GC Policy rule#0:
                 All:            false
                 Filters:        type==exec.cachemount
                 Keep Duration:  48h0m0s
                 Max Used Space: 3GiB
                GC Policy rule#1:
                 All:            false
                 Keep Duration:  1440h0m0s
                 Reserved Space: 10 % of the disk
                GC Policy rule#2:
                 All:            false
                 Reserved Space: 10 % of the disk
                 Max Used Space: \(bound)
                 Min Free Space: 20 % of the disk
                """
            )
        }
    }

    /// The version, in buildx's form.
    struct VersionOfBuilder: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "version",
            abstract: "Show the version."
        )

        func run() { Terminal.line("berth \(Version.number)") }
    }
}
