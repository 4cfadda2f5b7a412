import ArgumentParser
import DockerViews
import Engine

/// How something that is inspected is shown.
struct InspectFormat: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("json, or a template.", valueName: "template"),
        completion: .list(["json"])
    )
    var format: String?

    /// Shows things of one kind, by their names.
    func show(_ kind: InspectedKind, _ names: [String], withSizes: Bool = false) async throws {
        let session = try Session.openIfAny()
        var printer = try InspectPrinter(format: format)
        for name in names {
            do {
                guard let object = try await session?.inspect(kind, name, withSizes: withSizes)
                else {
                    printer.add(kind.missing(name))
                    continue
                }
                try printer.add(object)
            } catch is InspectPrinter.Stop {
                break
            } catch {
                if let failure = Failure(error) { printer.add(failure) }
            }
        }
        try printer.finish()
    }
}
