import ContainerRuntime
import Engine
import Reconciler
import Supervisor

/// Turns what a convergence tells into lines of progress, in docker compose's words.
struct StepReport: Sendable {
    let progress: Progress

    func show(_ event: ConvergenceEvent) {
        switch event {
        case .warning(let text): progress.warn(text)
        case .planned(let plan):
            for container in plan.unchanged {
                progress.report("Container \(container.name)", "Running", .done)
            }
            for container in plan.restarting {
                progress.report("Container \(container.name)", "Restarting", .warning)
            }
        case .step(let step, let event): show(step, event)
        // As with docker compose, only an `up` that shows logs shows it.
        case .hookWrote: break
        }
    }

    private func show(_ step: Plan.Step, _ event: WalkEvent) {
        // It has something to say of a container only when it is not as it was.
        if case .lookAgain = step.operation {
            guard case .failed(let error as ReconcilerError, _) = event.kind else { return }
            for container in error.problems.compactMap(\.container) {
                progress.report("Container \(container)", "Error", .failed)
            }
            return
        }
        let words = Words(step.operation)
        switch event.kind {
        case .started:
            guard let doing = words.doing else { return }
            progress.report(words.subject, doing, .working)
        case .completed: progress.report(words.subject, "Exited", .done)
        case .finished: progress.report(words.subject, words.done, .done)
        case .ignored(let reason, _): progress.report(words.subject, reason, .warning)
        case .failed(let error, _) where error is CancellationError:
            progress.report(words.subject, "Interrupted", .warning)
        case .failed: progress.report(words.subject, "Error", .failed)
        case .skipped: break
        }
    }

    /// `Container shop-web-1`, `Creating`, `Created`.
    private struct Words {
        var subject: String
        /// nil for what takes no time worth a word.
        var doing: String?
        var done: String

        init(_ operation: Plan.Operation) {
            switch operation {
            case .pullImage(let reference, _):
                self.init("Image \(reference)", "Pulling", "Pulled")
            case .buildImage(let service, _): self.init("Service \(service)", "Building", "Built")
            case .createNetwork(let request):
                self.init("Network \(request.name)", "Creating", "Created")
            case .replaceNetwork(let request):
                self.init("Network \(request.name)", "Recreate", "Recreated")
            case .createVolume(let request):
                self.init("Volume \(request.name)", "Creating", "Created")
            case .createContainer(let wanted):
                self.init("Container \(wanted.reference.name)", "Creating", "Created")
            case .replaceContainer(_, let wanted, _):
                self.init("Container \(wanted.reference.name)", "Recreate", "Recreated")
            case .startContainer(let container):
                self.init("Container \(container.name)", "Starting", "Started")
            case .republish(let container, _):
                self.init("Container \(container.name)", "Publishing ports", "Ports published")
            case .tryContainer(let succession, _):
                self.init("Container \(succession.words)", "Starting", "Healthy")
            case .leadNames(let succession):
                self.init("Container \(succession.words)", "Taking names", "Has its names")
            case .succeed(let succession):
                self.init("Container \(succession.old.name)", "Recreate", "Recreated")
            case .delay(let duration, let service):
                self.init("Service \(service)", "Waiting \(duration)", "Waited \(duration)")
            case .wait(let container, .healthy, _), .wait(let container, .ready, _):
                self.init("Container \(container.name)", "Waiting", "Healthy")
            case .wait(let container, .gone, _), .wait(let container, .exited, _):
                self.init("Container \(container.name)", "Waiting", "Exited")
            case .wait(let container, .running, _):
                self.init("Container \(container.name)", "Waiting", "Running")
            case .stopContainer(let container, _):
                self.init("Container \(container.name)", "Stopping", "Stopped")
            case .restartContainer(let container, _):
                self.init("Container \(container.name)", "Restarting", "Started")
            case .killContainer(let container, _):
                self.init("Container \(container.name)", "Killing", "Killed")
            case .pauseContainer(let container):
                self.init("Container \(container.name)", nil, "Paused")
            case .unpauseContainer(let container):
                self.init("Container \(container.name)", nil, "Unpaused")
            case .runHooks(let container, let moment):
                self.init(
                    "Container \(container.name)",
                    "Running \(moment.rawValue)",
                    "\(moment.rawValue) done"
                )
            case .runPreStart(_, let place):
                self.init(
                    place.container.map { "Container \($0)" } ?? "Service \(place.service)",
                    "Running \(place.hook)",
                    "\(place.hook) done"
                )
            case .removeContainer(let container, _):
                self.init("Container \(container.name)", "Removing", "Removed")
            case .lookAgain: self.init("Containers", "Waiting", "Ready")
            case .removeNetwork(let name): self.init("Network \(name)", "Removing", "Removed")
            case .removeVolume(let name): self.init("Volume \(name)", "Removing", "Removed")
            }
        }

        private init(_ subject: String, _ doing: String?, _ done: String) {
            self.subject = subject
            self.doing = doing
            self.done = done
        }
    }
}
