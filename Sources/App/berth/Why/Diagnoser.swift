import OrderedCollections
import Reconciler
import Compose
import ContainerRuntime
import DockerViews
import Engine

/// Walks from the symptom to the cause. Only reads its situation: the same one gives the same words.
struct Diagnoser {
    let situation: ProjectSituation
    let now: Timestamp

    /// What is to be said of a service. `notes` the plan and the obstacles of the service itself.
    func diagnose(_ service: String) -> Diagnosis {
        var (verdict, summary, findings) = look(at: service, way: [service])
        let outlook = situation.outlooks[service]
        if let hook = hook(of: service), !runs(service) {
            (verdict, summary) = (hook.verdict, hook.summary)
            findings.insert(hook.finding, at: 0)
        }
        if !runs(service) {
            findings += obstacles(to: service, outlook)
        } else if verdict == .well {
            findings += losses(of: service)
        }
        if findings.isEmpty, verdict == .wrong {
            findings.append(
                .init(
                    text: "nothing is in its way",
                    remedy: "`berth up -d \(service)` brings it up"
                )
            )
        }
        if verdict == .well, let missing = missingReplicas(of: service) {
            (verdict, summary) = (.wrong, "\(service) has fewer containers than the file says")
            findings.insert(.init(text: missing, remedy: "`berth up -d \(service)`"), at: 0)
        }
        return Diagnosis(
            service: service,
            verdict: verdict,
            summary: summary,
            findings: findings,
            plan: outlook?.plan?.steps.map(Diagnosis.Step.init)
        )
    }

    /// The hook that keeps a service from being started.
    private func hook(
        of service: String
    ) -> (verdict: Diagnosis.Verdict, summary: String, finding: Diagnosis.Finding)? {
        guard let hook = situation.hooks[service]?.last else { return nil }
        let record = hook.record
        guard record.status != .running else {
            let since = HumanTime.since(record.startedAt, now: now)
            let words = "it waits for its pre_start hook, which was started \(since) and runs still"
            let finding = Diagnosis.Finding(
                text: "\(words), in container \(record.name)",
                evidence: hook.lines.isEmpty
                    ? [] : [.init(title: "the last lines of its log:", lines: hook.lines)],
                remedy: "`berth stop \(service)` ends it"
            )
            return (.starting, "\(service) waits for a hook", finding)
        }
        let exit = ExitWords(record, memoryBytes: hook.spec?.resources.memoryBytes)
        var finding = Diagnosis.Finding(
            text: "its pre_start hook \(exit.words), in container \(record.name), which is kept"
        )
        finding.remedy = exit.remedy ?? "`berth up -d \(service)` runs it again"
        if !hook.lines.isEmpty {
            finding.evidence = [.init(title: "the last lines of its log:", lines: hook.lines)]
        }
        return (.wrong, "a hook of \(service) has failed", finding)
    }

    private func containers(of service: String) -> [ProjectSituation.Container] {
        situation.containers[service] ?? []
    }

    private func runs(_ service: String) -> Bool {
        containers(of: service).contains { $0.record.status == .running }
    }

    /// `way` holds the services on the way from the one that was asked about: a circle of
    /// dependencies ends there.
    private func look(
        at service: String,
        way: [String]
    ) -> (Diagnosis.Verdict, String, [Diagnosis.Finding]) {
        let containers = containers(of: service)
        guard !containers.isEmpty else {
            return (
                .wrong, "\(service) does not run",
                [absence(of: service, way: way)].compactMap(\.self)
            )
        }
        let looks = containers.map {
            ContainerLook($0, service: service, isJob: isJob(service), now: now)
        }
        let worst = looks.max { $0.severity < $1.severity } ?? looks[0]
        var findings = looks.filter { worst.verdict == .well || $0.verdict != .well }.map(\.finding)
        if worst.verdict != .well {
            let causes = dependencyFindings(of: service, way: way, waits: worst.isWaiting)
            if worst.isWaiting, findings.count == 1 {
                findings[0].causes += causes
            } else {
                findings += causes
            }
        }
        return (worst.verdict, worst.summary, findings)
    }

    /// Why there is no container of it.
    private func absence(of service: String, way: [String]) -> Diagnosis.Finding? {
        if situation.disabled.contains(service) {
            let profiles = situation.services[service]?.profiles ?? []
            return .init(
                text: "it belongs to \(profiles.count == 1 ? "the profile" : "the profiles") "
                    + "\(profiles.joined(separator: ", ")), and no such profile is active",
                remedy:
                    "`berth up -d \(service)` enables it, or `--profile \(profiles.first ?? "")`"
            )
        }
        guard situation.services[service] != nil else { return nil }
        if situation.containers.isEmpty {
            return .init(
                text:
                    "nothing of project \(situation.name) was brought up, or all of it was taken down",
                remedy: "`berth up -d`"
            )
        }
        return .init(
            text: "it has no container: it was never brought up, or was removed",
            remedy: "`berth up -d \(service)`",
            causes: dependencyFindings(of: service, way: way, waits: true)
        )
    }

    /// What a service that is well needed at its start and does not have any more: its own check may
    /// not have noticed yet. Jobs have done their part.
    private func losses(of service: String) -> [Diagnosis.Finding] {
        dependencyFindings(of: service, way: [service], waits: false) {
            $0 != .completedSuccessfully
        }
    }

    /// Dependencies that are not as the service needs them, of those that `counts`.
    private func dependencyFindings(
        of service: String,
        way: [String],
        waits: Bool,
        _ counts: (Dependency.Condition) -> Bool = { _ in true }
    ) -> [Diagnosis.Finding] {
        guard let dependencies = situation.services[service]?.dependsOn else { return [] }
        return dependencies.compactMap { name, dependency in
            guard !way.contains(name), counts(dependency.condition),
                !meets(name, dependency.condition)
            else { return nil }
            let (_, summary, findings) = look(at: name, way: way + [name])
            let need =
                switch dependency.condition {
                case .started: "to have started"
                case .healthy: "to be healthy"
                case .completedSuccessfully: "to complete"
                }
            let words = waits ? "it waits for \(name) \(need)" : "it needs \(name) \(need)"
            return Diagnosis.Finding(
                text: words + (dependency.required ? "" : " (it can do without)")
                    + ", and \(summary)",
                causes: findings
            )
        }
    }

    private func meets(_ service: String, _ condition: Dependency.Condition) -> Bool {
        let containers = containers(of: service)
        guard !containers.isEmpty else { return false }
        return containers.allSatisfy { container in
            let record = container.record
            let hasCompleted = record.status == .exited && record.lastCode == 0
            return switch condition {
            case .started: record.status == .running && !record.isPaused || hasCompleted
            case .healthy: record.status == .running && record.health == .healthy
            case .completedSuccessfully: hasCompleted
            }
        }
    }

    /// Another service waits for it to complete.
    private func isJob(_ service: String) -> Bool {
        situation.services.values.contains {
            $0.dependsOn[service]?.condition == .completedSuccessfully
        }
    }

    /// What keeps `up` from bringing it up.
    private func obstacles(
        to service: String,
        _ outlook: ProjectSituation.Outlook?
    ) -> [Diagnosis.Finding] {
        var findings: [Diagnosis.Finding] = []
        if !situation.fileProblems.isEmpty {
            findings.append(
                .init(
                    text: "the file has mistakes, so nothing of it can be brought up",
                    evidence: [.init(title: "`berth config` says:", lines: situation.fileProblems)]
                )
            )
        }
        findings += (outlook?.obstacles ?? []).map { .init(text: "`berth up` would refuse: \($0)") }
        findings += (outlook?.heldPorts ?? []).map { .init(text: $0) }
        return findings
    }

    private func missingReplicas(of service: String) -> String? {
        guard let wanted = situation.services[service]?.scale, !isJob(service) else { return nil }
        let count = containers(of: service).count
        return count < wanted ? "\(count) of \(wanted) containers are there" : nil
    }
}
