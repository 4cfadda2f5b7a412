import ArgumentParser
import Compose
import OrderedCollections
import Reconciler

/// What `up` and `plan` share: the wishes that make up an `UpOptions`.
struct UpFlags: ParsableArguments {
    @OptionGroup var making: MakingFlags

    @Flag(help: "Build images before starting.")
    var build = false

    @Option(
        help: ArgumentHelp("always, missing or never.", valueName: "when"),
        completion: .list(["always", "missing", "never"])
    )
    var pull: String?

    @Flag(
        name: .customLong("always-recreate-deps"),
        help: "Recreate what they depend on, too."
    )
    var alwaysRecreateDependencies = false

    @Flag(name: .customLong("no-deps"), help: "Leave alone what the services depend on.")
    var noDependencies = false

    @Flag(name: .customLong("no-start"), help: "Make containers, do not start them.")
    var noStart = false

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

    /// Whether the other asks for the same.
    func says(_ other: UpFlags) -> Bool {
        making.says(other.making) && build == other.build && pull == other.pull
            && alwaysRecreateDependencies == other.alwaysRecreateDependencies
            && noDependencies == other.noDependencies && noStart == other.noStart
            && renewAnonymousVolumes == other.renewAnonymousVolumes && timeout == other.timeout
    }

    func validate() throws {
        if build && making.noBuild {
            throw ValidationError("--build and --no-build are incompatible")
        }
        if making.forceRecreate && making.noRecreate {
            throw ValidationError("--force-recreate and --no-recreate are incompatible")
        }
        if alwaysRecreateDependencies && making.noRecreate {
            throw ValidationError("--always-recreate-deps and --no-recreate are incompatible")
        }
        if renewAnonymousVolumes && making.noRecreate {
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
        options.recreation =
            making.forceRecreate ? .always : making.noRecreate ? .never : .whenChanged
        options.alwaysRecreatesDependencies = alwaysRecreateDependencies
        options.removesOrphans =
            making.removeOrphans || Self.isSet("COMPOSE_REMOVE_ORPHANS", environment)
        options.ignoresOrphans = Self.isSet("COMPOSE_IGNORE_ORPHANS", environment)
        if options.removesOrphans && options.ignoresOrphans {
            throw Failure("COMPOSE_IGNORE_ORPHANS and --remove-orphans cannot be combined")
        }
        options.renewsAnonymousVolumes = renewAnonymousVolumes
        options.grace = timeout.map { .seconds($0) }
        options.starts = !noStart
        options.adopts = making.adopt
        options.building = build ? .always : making.noBuild ? .never : .asNeeded
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
        for item in making.scale {
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
