import ContainerRuntime
import DockerViews
import Engine
import Reconciler

/// What one container's record, health check and log say.
struct ContainerLook {
    let verdict: Diagnosis.Verdict
    /// A clause that says it of the service: `web is unhealthy`.
    let summary: String
    let finding: Diagnosis.Finding
    /// It was never started, so that what it waits for is the cause.
    var isWaiting = false
    /// Of several containers the worst one speaks.
    let severity: Int

    init(
        _ container: ProjectSituation.Container,
        service: String,
        isJob: Bool,
        now: Timestamp
    ) {
        let record = container.record
        var finding = Diagnosis.Finding(text: "")
        switch record.status {
        case .running:
            (verdict, summary, severity) = Self.running(container, service, now, &finding)
        case .restarting:
            let exit = ExitWords(record, memoryBytes: container.spec?.resources.memoryBytes)
            finding.text =
                "\(record.name) \(exit.words) and is started again after a delay"
                + Self.restarts(record)
            finding.remedy = exit.remedy
            finding.evidence = Self.lines(of: container)
            (verdict, summary, severity) = (.wrong, "\(service) fails again and again", 5)
        case .exited:
            (verdict, summary, severity) = Self.exited(container, service, isJob, now, &finding)
        case .created:
            (verdict, severity) = (.wrong, 3)
            summary =
                record.error == nil ? "\(service) was not started" : "\(service) could not start"
            if let error = record.error {
                finding.text = "\(record.name) could not be started: \(error)"
                finding.remedy = Self.remedy(forStart: record.exitCode)
            } else {
                finding.text = "\(record.name) was made and never started"
                isWaiting = true
            }
        }
        self.finding = finding
    }

    private static func running(
        _ container: ProjectSituation.Container,
        _ service: String,
        _ now: Timestamp,
        _ finding: inout Diagnosis.Finding
    ) -> (Diagnosis.Verdict, String, Int) {
        let record = container.record
        let since = HumanTime.since(record.startedAt, now: now)
        if record.isPaused {
            finding.text = "\(record.name) is paused: its processes stand still"
            finding.remedy = "`berth unpause \(service)` lets it go on"
            return (.wrong, "\(service) is paused", 2)
        }
        switch record.health {
        case .unhealthy:
            let streak = container.health?.failingStreak ?? 0
            finding.text =
                "\(record.name) runs, started \(since), and is unhealthy"
                + (streak > 0 ? ": its check failed \(streak) times in a row" : "")
            // `try?`: a specification that cannot be read is told by others.
            let isOutside = (try? record.spec)?.healthcheck?.outside != nil
            let attribute = isOutside ? "x-berth.healthcheck" : "healthcheck"
            finding.remedy = "`berth config --explain \(service).\(attribute)` shows the check"
            finding.evidence = answer(of: container, now) + lines(of: container)
            return (.wrong, "\(service) is unhealthy", 4)
        case .starting where container.wasRestarted:
            finding.text = "\(record.name) was started \(since)" + intervention(container, now)
            finding.evidence = answer(of: container, now)
            return (.wrong, "\(service) is restarted since it is unhealthy", 3)
        case .starting:
            finding.text =
                "\(record.name) was started \(since), and its check has not succeeded yet"
            finding.evidence = answer(of: container, now)
            return (.starting, "\(service) is starting", 1)
        case .healthy, nil:
            finding.text =
                "\(record.name) runs, started \(since)"
                + (record.health == nil ? "" : ", and is healthy") + restarts(record)
                + intervention(container, now)
            return (.well, "\(service) is well", 0)
        }
    }

    private static func exited(
        _ container: ProjectSituation.Container,
        _ service: String,
        _ isJob: Bool,
        _ now: Timestamp,
        _ finding: inout Diagnosis.Finding
    ) -> (Diagnosis.Verdict, String, Int) {
        let record = container.record
        let exit = ExitWords(record, memoryBytes: container.spec?.resources.memoryBytes)
        let ago = HumanTime.since(record.finishedAt, now: now)
        if record.waitsAfterReboot {
            finding.text =
                "\(record.name) ran when the machine was restarted, and nothing starts it by itself"
            finding.remedy = "`berth up -d`"
            return (.wrong, "\(service) does not run", 3)
        }
        if let done = container.health?.intervention, done.action == .stop,
            record.finishedAt.map({ $0 >= done.at }) ?? false
        {
            finding.text =
                "\(record.name) was stopped \(ago): it was unhealthy, its check failed "
                + "\(done.failures) times in a row, and x-berth.on_unhealthy says stop"
            finding.remedy = "`berth start \(service)`"
            finding.evidence = answer(done.answer, now) + lines(of: container)
            return (.wrong, "\(service) was stopped since it was unhealthy", 4)
        }
        if record.desired == .stopped {
            finding.text = "\(record.name) was stopped by a command, \(ago)"
            finding.remedy = "`berth start \(service)`"
            return (.wrong, "\(service) is stopped", 2)
        }
        finding.text = "\(record.name) \(exit.words), \(ago)"
        if record.lastCode == 0, !record.oomKilled, record.error == nil {
            if isJob { return (.well, "\(service) has completed", 0) }
            finding.remedy = "`restart: always` would start it again"
            return (.well, "\(service) has ended", 0)
        }
        finding.text += policy(of: container)
        finding.remedy = exit.remedy
        finding.evidence = lines(of: container)
        return (.wrong, "\(service) has failed", 4)
    }

    /// Why nothing starts it again.
    private static func policy(of container: ProjectSituation.Container) -> String {
        switch container.spec?.restart {
        case .no: "; nothing starts it again, since `restart` says no"
        case .onFailure(let limit?) where container.record.restartCount >= limit:
            "; it was started again \(limit) times, and `restart` allows no more"
        default: restarts(container.record)
        }
    }

    private static func restarts(_ record: ContainerRecord) -> String {
        switch record.restartCount {
        case 0: ""
        case 1: "; it was started again once"
        case let count: "; it was started again \(count) times"
        }
    }

    private static func answer(
        of container: ProjectSituation.Container,
        _ now: Timestamp
    ) -> [Diagnosis.Evidence] {
        container.health?.probes.last.map { answer($0, now) } ?? []
    }

    private static func answer(_ probe: ProbeResult, _ now: Timestamp) -> [Diagnosis.Evidence] {
        let how =
            probe.exitCode == -1
            ? "it did not answer in time or could not be run" : "exit code \(probe.exitCode)"
        let output = Excerpt(of: probe.output).lines
        return [
            .init(
                title: "the check's last answer, \(HumanTime.since(probe.ended, now: now)): \(how)",
                lines: output
            )
        ]
    }

    /// That its supervisor has restarted it, and why.
    private static func intervention(
        _ container: ProjectSituation.Container,
        _ now: Timestamp
    ) -> String {
        guard let done = container.health?.intervention, done.action == .restart else { return "" }
        let said = Excerpt(of: done.answer.output).lines.last.map { ": \($0)" } ?? ""
        return "; it was restarted \(HumanTime.since(done.at, now: now)) by x-berth.on_unhealthy, "
            + "after its check had failed \(done.failures) times in a row\(said)"
    }

    private static func lines(of container: ProjectSituation.Container) -> [Diagnosis.Evidence] {
        container.lines.isEmpty
            ? [] : [.init(title: "the last lines of its log:", lines: container.lines)]
    }

    /// The codes are docker's.
    private static func remedy(forStart code: Int32?) -> String? {
        switch code {
        case 126: "look at the mode of the program's file, its `#!` line and the image's platform"
        case 127: "look at `command` and `entrypoint`: the image has no such program"
        default: nil
        }
    }
}

extension ProjectSituation.Container {
    /// Its supervisor did, since it was unhealthy, and this is the run that followed.
    fileprivate var wasRestarted: Bool {
        guard let done = health?.intervention, done.action == .restart,
            let started = record.startedAt
        else { return false }
        return started >= done.at
    }
}
