import ContainerRuntime
import Engine
package import Supervisor

extension Plan: CustomStringConvertible {
    /// One line per step: its number, what, why, and the steps it waits for.
    package var description: String { description(columns: nil) }

    /// The same for a terminal of so many columns: where there is no room for all of it side by
    /// side, why a step is done stands below what it does, in every step.
    package func description(columns: Int?) -> String {
        guard !steps.isEmpty else { return "up to date\n" }
        let whats = steps.map(\.operation.description)
        let width = whats.map(\.count).max() ?? 0
        let digits = "\(steps.count)".count
        let whys = steps.map { step in
            let needs = (step.after + step.behind).sorted().map { "\($0 + 1)" }
            return needs.isEmpty
                ? step.because : "\(step.because)  [after \(needs.joined(separator: ", "))]"
        }
        let whole = digits + 4 + width + (whys.map(\.count).max() ?? 0)
        let isStacked = columns.map { whole > $0 } ?? false
        var text = ""
        for (index, why) in whys.enumerated() {
            text += padded("\(index + 1)", to: digits, left: true) + "  "
            text += isStacked ? whats[index] + "\n" : padded(whats[index], to: width)
            text += isStacked ? String(repeating: " ", count: digits + 4) : "  "
            text += "\(why)\n"
        }
        return text
    }

    private func padded(_ text: String, to width: Int, left: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(width - text.count, 0))
        return left ? blanks + text : text + blanks
    }
}

extension Plan.Operation: CustomStringConvertible {
    /// What happens, to what: `create container shop-web-1`.
    package var description: String { "\(verb) \(noun)" }

    /// The kind of thing and its name: `container shop-web-1`.
    package var noun: String {
        switch self {
        case .pullImage(let reference, _), .buildImage(_, let reference): "image \(reference)"
        case .createNetwork(let request), .replaceNetwork(let request):
            "network \(request.name)"
        case .createVolume(let request): "volume \(request.name)"
        case .createContainer(let wanted), .replaceContainer(_, let wanted, _):
            "container \(wanted.reference.name)"
        case .startContainer(let container), .stopContainer(let container, _),
            .restartContainer(let container, _), .removeContainer(let container, _),
            .killContainer(let container, _), .pauseContainer(let container),
            .unpauseContainer(let container):
            "container \(container.name)"
        case .republish(let container, _): "ports of container \(container.name)"
        case .tryContainer(let succession, _):
            "container \(succession.successor.name) until it is ready"
        case .leadNames(let succession):
            "names of \(succession.old.name) to \(succession.successor.name)"
        case .succeed(let succession):
            "container \(succession.old.name) by \(succession.successor.name)"
        case .delay(let duration, _): "\(duration)"
        case .runHooks(let container, let moment):
            "\(moment.rawValue) in container \(container.name)"
        case .runPreStart(_, let place): "\(place.hook) of \(place.subject)"
        case .wait(let container, let condition, _):
            "container \(container.name) \(condition.words)"
        case .lookAgain(let containers):
            containers.count == 1
                ? "container \(containers[0].name)" : "\(containers.count) containers"
        case .removeNetwork(let name): "network \(name)"
        case .removeVolume(let name): "volume \(name)"
        }
    }

    /// `create`, `start`, …
    package var verb: String {
        switch self {
        case .pullImage: "pull"
        case .buildImage: "build"
        case .createNetwork, .createVolume, .createContainer: "create"
        case .replaceContainer, .replaceNetwork: "recreate"
        case .republish: "publish"
        case .startContainer, .tryContainer: "start"
        case .leadNames: "lead"
        case .succeed: "replace"
        case .delay: "let pass"
        case .wait: "wait for"
        case .lookAgain: "look again at"
        case .stopContainer: "stop"
        case .restartContainer: "restart"
        case .killContainer: "kill"
        case .pauseContainer: "pause"
        case .unpauseContainer: "unpause"
        case .runHooks, .runPreStart: "run"
        case .removeContainer, .removeNetwork, .removeVolume: "remove"
        }
    }

    /// The service it is about; nil for networks and volumes.
    package var service: String? {
        switch self {
        case .pullImage(_, let services): services.first
        case .buildImage(let service, _): service
        case .createContainer(let wanted), .replaceContainer(_, let wanted, _),
            .runPreStart(let wanted, _):
            wanted.reference.service
        case .startContainer(let container), .wait(let container, _, _),
            .stopContainer(let container, _), .restartContainer(let container, _),
            .removeContainer(let container, _), .killContainer(let container, _),
            .pauseContainer(let container), .unpauseContainer(let container),
            .runHooks(let container, _), .republish(let container, _):
            container.service
        case .tryContainer(let succession, _), .leadNames(let succession),
            .succeed(let succession):
            succession.old.service
        case .delay(_, let service): service
        case .lookAgain, .createNetwork, .replaceNetwork, .createVolume, .removeNetwork,
            .removeVolume:
            nil
        }
    }
}

extension WaitCondition {
    /// "wait for container db-1 …".
    package var words: String {
        switch self {
        case .running: "to run"
        case .healthy: "to be healthy"
        case .exited: "to end"
        case .gone: "to complete"
        case .ready: "to be ready"
        }
    }
}
