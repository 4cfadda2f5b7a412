import ArgumentParser
import Compose
import OrderedCollections
import Reconciler

/// What `up` and `plan` share: the wishes that make up an `UpOptions`.
struct UpFlags: ParsableArguments {
    @Flag(help: "Build images before starting.")
    var build = false

    @Flag(
        name: .customLong("no-build"),
        help: "Build nothing: an image that is missing is an error."
    )
    var noBuild = false

    @Option(
        help: ArgumentHelp("always, missing or never.", valueName: "when"),
        completion: .list(["always", "missing", "never"])
    )
    var pull: String?

    @Flag(name: .customLong("force-recreate"), help: "Recreate containers that did not change.")
    var forceRecreate = false

    @Flag(name: .customLong("no-recreate"), help: "Leave containers as they are.")
    var noRecreate = false

    @Flag(
        name: .customLong("always-recreate-deps"),
        help: "Recreate what they depend on, too."
    )
    var alwaysRecreateDependencies = false

    @Flag(name: .customLong("no-deps"), help: "Leave alone what the services depend on.")
    var noDependencies = false

    @Flag(name: .customLong("no-start"), help: "Make containers, do not start them.")
    var noStart = false

    @Flag(name: .customLong("remove-orphans"), help: "Remove containers of no service.")
    var removeOrphans = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Number of containers of a service.", valueName: "service=n"),
        completion: .scales
    )
    var scale: [String] = []

    @Flag(
        name: [.customShort("V"), .customLong("renew-anon-volumes")],
        help: "Give recreated containers new anonymous volumes."
    )
    var renewAnonymousVolumes = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Seconds a container has to end.", valueName: "seconds")
    )
    var timeout: Int?

    func validate() throws {
        if build && noBuild {
            throw ValidationError("--build and --no-build are incompatible")
        }
        if forceRecreate && noRecreate {
            throw ValidationError("--force-recreate and --no-recreate are incompatible")
        }
        if alwaysRecreateDependencies && noRecreate {
            throw ValidationError("--always-recreate-deps and --no-recreate are incompatible")
        }
        if renewAnonymousVolumes && noRecreate {
            throw ValidationError("--renew-anon-volumes and --no-recreate are incompatible")
        }
        if let pull, UpOptions.Pull(rawValue: pull) == nil {
            throw ValidationError("--pull takes always, missing or never, not \(pull)")
        }
        _ = try scales()
    }

    /// The options for the reconciler; `environment` is the project's, with its `.env`.
    func options(services: [String], _ environment: [String: String]) throws -> UpOptions {
        var options = UpOptions()
        options.services = services
        options.withDependencies = !noDependencies
        options.scale = try scales()
        options.recreation = forceRecreate ? .always : noRecreate ? .never : .whenChanged
        options.alwaysRecreatesDependencies = alwaysRecreateDependencies
        options.removesOrphans = removeOrphans || Self.isSet("COMPOSE_REMOVE_ORPHANS", environment)
        options.ignoresOrphans = Self.isSet("COMPOSE_IGNORE_ORPHANS", environment)
        if options.removesOrphans && options.ignoresOrphans {
            throw Failure("COMPOSE_IGNORE_ORPHANS and --remove-orphans cannot be combined")
        }
        options.renewsAnonymousVolumes = renewAnonymousVolumes
        options.grace = timeout.map { .seconds($0) }
        options.starts = !noStart
        options.building = build ? .always : noBuild ? .never : .asNeeded
        options.pull = pull.flatMap(UpOptions.Pull.init(rawValue:))
        return options
    }

    /// Refuses numbers of containers for services that the project does not have.
    func check(against project: Project) throws {
        for name in try scales().keys.sorted()
        where project.services[name] == nil && project.disabledServices[name] == nil {
            throw Failure("--scale: no such service: \(name)")
        }
    }

    private func scales() throws -> [String: Int] {
        var result: [String: Int] = [:]
        for item in scale {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let count = Int(parts[1]), count >= 0 else {
                throw ValidationError("--scale takes SERVICE=NUMBER, not \(item)")
            }
            result[String(parts[0])] = count
        }
        return result
    }

    /// docker compose's booleans: 1, t, true, y, yes, on.
    static func isSet(_ name: String, _ environment: [String: String]) -> Bool {
        ["1", "t", "true", "y", "yes", "on"].contains(environment[name]?.lowercased() ?? "")
    }
}
