import ContainerRuntime
import Engine
import Glibc
import Linux
import Logging

extension Supervisor {
    /// Asks for the health of one run until it ends, which cancels this.
    func watchHealth(
        of container: Supervised,
        _ running: RunningContainer,
        _ check: Healthcheck
    ) async {
        // One that was adopted began earlier.
        var started = now
        if case .running(let since) = container.life.state { started = since }
        let isResumed = container.health.map { $0 != .starting } ?? false
        var probe =
            isResumed
            ? HealthProbe(resuming: check, startedAt: started, from: container.health ?? .starting)
            : HealthProbe(check, startedAt: started)
        var delay = probe.firstDelay
        let (engine, spec) = (engine, container.spec)
        var outside = check.outside.map { OutsideProbing($0, in: running, engine: engine) }
        while true {
            do { try await Task.sleep(for: delay) } catch { return }
            // Nothing of it can answer, and that says nothing of its health.
            if container.life.isPaused { continue }
            let result: ProbeResult
            if var asking = outside {
                result = await asking.ask(within: check.timeout)
                outside = asking
            } else {
                result = await HealthExec.run(check, in: running, of: spec, engine: engine)
            }
            guard container.running === running, !Task.isCancelled else { return }
            delay = probe.finished(succeeded: result.exitCode == 0, at: now)
            noteProbe(result, of: container, probe)
        }
    }

    private func noteProbe(
        _ result: ProbeResult,
        of container: Supervised,
        _ probe: HealthProbe
    ) {
        let health = probe.health
        container.probes = container.probes.suffix(ProbeResult.kept - 1) + [result]
        let isChanged = container.health != health
        let action = isChanged && health == .unhealthy ? container.spec.onUnhealthy : nil
        if let action {
            container.intervention = HealthIntervention(
                action: action,
                at: .now(),
                failures: probe.failures,
                answer: result
            )
        }
        var log = HealthLog(
            status: health,
            failingStreak: probe.failures,
            probes: container.probes
        )
        log.intervention = container.intervention
        let written = log
        let folder = engine.layout.container(container.id.text)
        container.health = health
        queue(container) { supervisor, container in
            await supervisor.writeDown("a health check", of: container) { _, _ in
                try written.write(to: folder)
            }
            guard isChanged, container.health == health else { return }
            await supervisor.writeDown("its health", of: container) { engine, id in
                try await engine.setHealth(health, of: id)
            }
            // One of two that are there during an update is found by its name once it is healthy.
            supervisor.names.note()
            supervisor.announce(.health(health), of: container)
        }
        if isChanged { settle(container) }
        if let action { intervene(container, action) }
    }

    /// `x-berth.on_unhealthy`: as if somebody had asked for it.
    private func intervene(_ container: Supervised, _ action: HealthAction) {
        logger.warning(
            "container is unhealthy",
            metadata: ["container": "\(container.name)", "on_unhealthy": "\(action.rawValue)"]
        )
        container.isStopped = container.running != nil
        feed(container, action == .restart ? .restart(grace: nil) : .stop(grace: nil))
    }
}

/// One execution of a health check.
enum HealthExec {
    /// Runs the command in the container; every failure is an answer too.
    static func run(
        _ check: Healthcheck,
        in running: RunningContainer,
        of spec: ContainerSpec,
        engine: Engine
    ) async -> ProbeResult {
        let started = Timestamp.now()
        var code: Int32 = -1
        var output: String
        do {
            (code, output) = try await execute(check, in: running, of: spec, engine: engine)
        } catch {
            output = "\(error)"
        }
        return ProbeResult(started: started, ended: .now(), exitCode: code, output: output)
    }

    private static func execute(
        _ check: Healthcheck,
        in running: RunningContainer,
        of spec: ContainerSpec,
        engine: Engine
    ) async throws -> (Int32, String) {
        var process = spec.process
        process.arguments = check.command
        var pipe = try Pipe.make(flags: O_CLOEXEC | O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        let exec: NotedProcess
        do {
            let writer = SharedFD(pipe.takeWriter())
            exec = try await engine.exec(
                process,
                in: running,
                of: spec,
                streams: ExecStdio(output: writer, error: writer)
            )
        }
        let reading = Task { await collect(from: reader) }
        // Cancelled below, whatever happens.
        let deadline = Task {
            do { try await Task.sleep(for: check.timeout) } catch { return false }
            await exec.process.kill()
            return true
        }
        let code: Int32
        do { code = try await exec.wait() } catch {
            deadline.cancel()
            reading.cancel()
            throw error
        }
        deadline.cancel()
        // Something it left behind may hold the pipe open: what is there now is what counts.
        reading.cancel()
        let text = await reading.value
        guard await !deadline.value else {
            return (-1, "Health check exceeded timeout (\(check.timeout))")
        }
        return (code, text)
    }

    /// Reads to the end, or until it is cancelled and nothing more is there; keeps the beginning.
    private static func collect(from reader: SharedFD) async -> String {
        var kept: [UInt8] = []
        var isLast = false
        while true {
            do {
                let bytes = try await reader.read(upTo: 16 << 10)
                if bytes.isEmpty { break }
                kept += bytes.prefix(ProbeResult.maximumOutputBytes - kept.count)
            } catch {
                // Cancelled while it waited: what has come since is read once more.
                if isLast { break }
                isLast = true
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
