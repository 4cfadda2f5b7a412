import ArgumentParser
import DockerViews
import Engine

/// Everything about things of any kind, by name or identifier.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show everything about images.",
        discussion: "Containers, networks and volumes are refused by name: not supported yet."
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("json, or a template.", valueName: "template"),
        completion: .list(["json"])
    )
    var format: String?

    @Flag(name: .shortAndLong, help: .hidden)
    var size = false

    @Option(
        help: ArgumentHelp("Only things of this kind: image.", valueName: "kind"),
        completion: .list(["image"])
    )
    var type: String?

    @Argument(
        help: ArgumentHelp("Names and identifiers.", valueName: "name|id"),
        completion: .images
    )
    var names: [String]

    func run() async throws {
        if let type, type != "image" {
            throw Failure(
                Self.kinds.contains(type)
                    ? "--type \(type): only images can be inspected yet"
                    : "unknown type: \"\(type)\": must be one of \"\(Self.kinds.joined(separator: "\", \""))\""
            )
        }
        guard !size else {
            throw Failure("--size is for containers, which cannot be inspected yet")
        }
        let session = try Session.openIfAny()
        var printer = try InspectPrinter(format: format)
        for name in names {
            if let session, let image = try await image(name, session) {
                do {
                    try printer.add(ImageInspection(image).value)
                } catch is InspectPrinter.Stop {
                    break
                }
            } else if let session, let kind = try await otherKind(of: name, session) {
                printer.add(Failure("\(name) is a \(kind); only images can be inspected yet"))
            } else {
                printer.add(Failure("Error: No such object: \(name)"))
            }
        }
        try printer.finish()
    }

    /// What docker can inspect.
    private static let kinds = [
        "config", "container", "image", "network", "node", "plugin", "secret", "service", "task",
        "volume",
    ]

    private func image(_ name: String, _ session: Session) async throws -> KnownImage? {
        do {
            return try await KnownImage.matching(name, in: session)
        } catch let error as EngineError where error.kind == .notFound {
            return nil
        }
    }

    /// What else has this name.
    private func otherKind(of name: String, _ session: Session) async throws -> String? {
        if try await session.engine.network(named: name) != nil { return "network" }
        if try await session.engine.volume(named: name) != nil { return "volume" }
        do {
            _ = try await session.engine.container(matching: name)
            return "container"
        } catch let error as EngineError where error.kind == .notFound {
            return nil
        }
    }
}
