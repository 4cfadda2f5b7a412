import ArgumentParser
import Compose
import OrderedCollections
import Reconciler

/// Gives services another number of containers, as `up --scale` would.
struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Change how many containers services have."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .customLong("no-deps"), help: "Leave alone what the services depend on.")
    var noDependencies = false

    @Argument(
        help: ArgumentHelp("Number of containers of a service.", valueName: "service=n"),
        completion: .scales
    )
    var scales: [String]

    func validate() throws { _ = try numbers() }

    func run() async throws {
        let numbers = try numbers()
        let services = numbers.keys.sorted()
        let loaded = try project.load(services: services)
        for name in services
        where loaded.project.services[name] == nil && loaded.project.disabledServices[name] == nil {
            throw Failure("no such service: \(name)")
        }
        var options = UpOptions()
        options.services = services
        options.scale = numbers
        options.withDependencies = !noDependencies
        options.ignoresOrphans = UpFlags.isSet("COMPOSE_IGNORE_ORPHANS", loaded.environment)
        let work = try await project.converging(loaded, options)
        try await work?.bringUp(loaded, options)
    }

    private func numbers() throws -> [String: Int] {
        var numbers: [String: Int] = [:]
        for item in scales {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let count = Int(parts[1]), count >= 0 else {
                throw ValidationError("invalid scale specifier: \(item); write SERVICE=NUMBER")
            }
            numbers[String(parts[0])] = count
        }
        return numbers
    }
}
