import ArgumentParser
import DockerViews
import Engine

/// Everything about things of any kind, by name or identifier.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show everything about containers, images, networks and volumes.",
        discussion: "A name is looked for among containers, images, networks and volumes, in turn."
    )

    @OptionGroup var format: InspectFormat

    @Flag(name: .shortAndLong, help: "Of containers what they have written, too.")
    var size = false

    @Option(
        help: ArgumentHelp(
            "Only things of this kind: container, image, network, volume.",
            valueName: "kind"
        ),
        completion: .list(InspectedKind.allCases.map(\.rawValue))
    )
    var type: String?

    @Argument(
        help: ArgumentHelp("Names and identifiers.", valueName: "name|id"),
        completion: .images
    )
    var names: [String]

    func run() async throws {
        let type = type.flatMap { $0.isEmpty ? nil : $0 }
        if let type {
            guard let kind = InspectedKind(rawValue: type) else { throw Self.refusal(of: type) }
            if size, kind != .container { Self.warn(kind) }
            return try await format.show(kind, names, withSizes: size)
        }
        let session = try Session.openIfAny()
        var printer = try InspectPrinter(format: format.format)
        search: for name in names {
            do {
                guard let session else { throw Missing() }
                for kind in InspectedKind.allCases {
                    let found = try await session.inspect(kind, name, withSizes: size)
                    guard let found else { continue }
                    if size, kind != .container { Self.warn(kind) }
                    try printer.add(found)
                    continue search
                }
                throw Missing()
            } catch is InspectPrinter.Stop {
                break
            } catch is Missing {
                printer.add(Failure("Error: No such object: \(name)"))
            } catch {
                if let failure = Failure(error) { printer.add(failure) }
            }
        }
        try printer.finish()
    }

    private struct Missing: Error {}

    private static func warn(_ kind: InspectedKind) {
        Terminal.line("WARNING: --size ignored for \(kind.rawValue)", to: .error)
    }

    private static func refusal(of type: String) -> Failure {
        guard kinds.contains(type) else {
            let known = kinds.joined(separator: "\", \"")
            return Failure("unknown type: \"\(type)\": must be one of \"\(known)\"")
        }
        return Failure("--type \(type): berth works on one machine, and has none of these")
    }

    /// What docker can inspect.
    private static let kinds = [
        "config", "container", "image", "network", "node", "plugin", "secret", "service", "task",
        "volume",
    ]
}
