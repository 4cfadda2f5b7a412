import ArgumentParser
import Compose
import OrderedCollections

/// What an attached `up` shows, and when it ends: flags that nothing in the background has.
struct AttachFlags: ParsableArguments {
    @Flag(
        name: .customLong("abort-on-container-exit"),
        help: "Stop everything as soon as a container ends, and end with its exit code."
    )
    var abortsOnExit = false

    @Flag(
        name: .customLong("abort-on-container-failure"),
        help: "Stop everything as soon as a container fails, and end with its exit code."
    )
    var abortsOnFailure = false

    @Option(
        name: .customLong("exit-code-from"),
        help: ArgumentHelp(
            "End with this service's exit code; implies --abort-on-container-exit.",
            valueName: "service"
        ),
        completion: .services
    )
    var exitCodeFrom: String?

    @Option(
        name: .customLong("attach"),
        parsing: .singleValue,
        help: ArgumentHelp("Show the logs of this service only.", valueName: "service"),
        completion: .services
    )
    var attached: [String] = []

    @Option(
        name: .customLong("no-attach"),
        parsing: .singleValue,
        help: ArgumentHelp("Do not show the logs of this service.", valueName: "service"),
        completion: .services
    )
    var unattached: [String] = []

    @Flag(
        name: .customLong("attach-dependencies"),
        help: "Show the logs of what the services depend on, too."
    )
    var attachesDependencies = false

    func validate() throws {
        if abortsOnFailure && abortsOnExit {
            throw ValidationError(
                "--abort-on-container-failure cannot be combined with --abort-on-container-exit"
            )
        }
        if attachesDependencies && !attached.isEmpty {
            throw ValidationError("cannot combine --attach and --attach-dependencies")
        }
    }

    /// The first flag that is for an attached `up` alone; `--no-attach` is true without one, too.
    var attachedOnly: String? {
        if abortsOnExit { return "--abort-on-container-exit" }
        if abortsOnFailure { return "--abort-on-container-failure" }
        if exitCodeFrom != nil { return "--exit-code-from" }
        if !attached.isEmpty { return "--attach" }
        return attachesDependencies ? "--attach-dependencies" : nil
    }

    /// The services whose logs are shown when `named` are brought up, or all when none is named.
    /// - Throws: for a service that the project does not have.
    func shown(of project: Project, named: [String], withDependencies: Bool) throws -> [String] {
        for name in [exitCodeFrom].compactMap(\.self) + unattached
        where project.services[name] == nil && project.disabledServices[name] == nil {
            throw Failure("no such service: \(name)")
        }
        var names = named.isEmpty ? Array(project.services.keys) : named
        if !attached.isEmpty {
            let missing = attached.filter { project.services[$0] == nil && !named.contains($0) }
            guard missing.isEmpty else {
                throw Failure(
                    "cannot attach to services not included in up: "
                        + missing.joined(separator: ", ")
                )
            }
            names = attached
        } else if attachesDependencies && withDependencies {
            var index = 0
            while index < names.count {
                let needs = project.services[names[index]]?.dependsOn.keys ?? []
                names += needs.filter { !names.contains($0) && project.services[$0] != nil }
                index += 1
            }
        }
        let all = project.services.merging(project.disabledServices) { enabled, _ in enabled }
        return names.filter { name in
            let isShown = !attached.isEmpty || all[name]?.attach != false
            return isShown && !unattached.contains(name)
        }
    }

    /// What ends of containers mean, of those whose logs are shown.
    func exitRule(of project: Project, shown: [String]) -> ExitRule {
        let abortion: ExitRule.Abortion =
            abortsOnFailure ? .onFailure : abortsOnExit || exitCodeFrom != nil ? .onExit : .never
        // Whom somebody waits for to complete is meant to end before the others.
        let jobs = project.services.values.flatMap { service in
            service.dependsOn.filter { $1.condition == .completedSuccessfully }.map(\.key)
        }
        return ExitRule(abortion, codeFrom: exitCodeFrom, services: Set(shown), jobs: Set(jobs))
    }
}
