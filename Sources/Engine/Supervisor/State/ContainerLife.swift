package import ContainerRuntime
import Glibc

/// One container's life under a supervisor: takes what happened, says what to do. No I/O, no clock;
/// times are readings of one monotonic clock.
package struct ContainerLife: Equatable, Sendable {
    package private(set) var state: State
    package private(set) var backoff: RestartBackoff
    /// Its processes stand still; only while it runs.
    package private(set) var isPaused = false
    /// It was sent its stop signal by hand: whenever it ends, nothing starts it again.
    private var endsForGood = false
    private let settings: StopSettings
    /// The start under way, or to come, is one that nobody asked for.
    private var isRenewed = false

    /// Where a container is in its life.
    package enum State: Equatable, Sendable {
        /// Nothing runs and nothing will by itself; nil code if it never ran.
        case idle(code: Int32?)
        /// Being created, connected and started; then what `next` says. A cancelled launch may
        /// still succeed.
        case starting(next: Next, cancelled: Bool)
        case running(since: Duration)
        /// Asked to end.
        case stopping(since: Duration, next: Next)
        /// Ended, to be started again when the timer fires.
        case waiting(code: Int32)
    }

    /// What follows a state that takes a while, since wishes may change meanwhile.
    package enum Next: Equatable, Sendable {
        /// It runs on, or starts again.
        case run
        case stay(grace: Duration)
    }

    /// What can happen to a container.
    package enum Event: Equatable, Sendable {
        case start
        /// A nil signal is the container's own.
        case stop(grace: Duration?, signal: Int32? = nil)
        /// Somebody wants the end that was asked for sooner; what follows it stays as it is.
        case hasten(grace: Duration?)
        case restart(grace: Duration?)
        /// Whose namespaces it shares has been started again by its policy: so is it, by its own.
        case renew
        case kill(signal: Int32)
        case pause
        case unpause
        case launched(at: Duration)
        /// The code is the one a shell would give: 126, 127, else 128.
        case launchFailed(code: Int32)
        case exited(code: Int32, at: Duration)
        case graceEnded
        case backoffEnded
    }

    /// What the supervisor has to do after an event.
    package enum Action: Equatable, Sendable {
        /// Create, connect and start it; answer with `launched` or `launchFailed`.
        case launch
        /// Nobody wants the running launch any more.
        case cancelLaunch
        case signal(Int32)
        /// Let every process of it stand still, or go on.
        case freeze(Bool)
        /// Kill everything in it.
        case killAll
        /// Kill after this time; a timer that ends sooner goes on instead.
        case armGrace(Duration)
        case disarmGrace
        case armBackoff(Duration)
        case disarmBackoff
        /// Write down whether it is wanted, before anything else is done.
        case want(Bool)
    }

    /// A container that does not run.
    package init(
        policy: RestartPolicy,
        settings: StopSettings,
        restarts: Int = 0,
        lastCode: Int32? = nil
    ) {
        self.state = .idle(code: lastCode)
        self.backoff = RestartBackoff(policy: policy, restarts: restarts)
        self.settings = settings
    }

    /// A container that was found running, since `since`.
    package init(
        adopted policy: RestartPolicy,
        settings: StopSettings,
        restarts: Int,
        since: Duration,
        isPaused: Bool = false
    ) {
        self.init(policy: policy, settings: settings, restarts: restarts)
        self.state = .running(since: since)
        self.isPaused = isPaused
    }

    /// A container that ended with `code` after a run of some length and was waiting to be started
    /// again; `restarts` is what was counted when that run began.
    package static func waiting(
        _ policy: RestartPolicy,
        settings: StopSettings,
        restarts: Int,
        code: Int32,
        ranFor run: Duration
    ) -> (life: ContainerLife, actions: [Action]) {
        var life = ContainerLife(policy: policy, settings: settings, restarts: restarts)
        let actions = life.again(code, ranFor: run)
        return (life, actions)
    }

    /// From its next end on another policy says whether it is started again.
    package mutating func change(policy: RestartPolicy) { backoff.policy = policy }

    /// Nothing runs and nothing will by itself.
    package var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// There is something to send a signal to, or that a signal keeps from starting again.
    package var isAlive: Bool {
        switch state {
        case .running, .stopping, .waiting: true
        case .idle, .starting: false
        }
    }

    /// Takes an event and gives the actions to carry out, in order.
    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .start: start()
        case .stop(let grace, let signal): stop(grace ?? settings.grace, by: signal)
        case .hasten(let grace): hasten(grace ?? settings.grace)
        case .restart(let grace): restart(grace ?? settings.grace)
        case .renew: renew()
        case .kill(let signal): kill(signal)
        case .pause: pause()
        case .unpause: unpause()
        case .launched(let at): launched(at)
        case .launchFailed(let code): launchFailed(code)
        case .exited(let code, let at): exited(code, at)
        case .graceEnded: graceEnded()
        case .backoffEnded: backoffEnded()
        }
    }

    private mutating func start() -> [Action] {
        isRenewed = false
        switch state {
        case .idle:
            backoff.reset()
            state = .starting(next: .run, cancelled: false)
            return [.want(true), .launch]
        case .waiting:
            backoff.reset()
            state = .starting(next: .run, cancelled: false)
            return [.want(true), .disarmBackoff, .launch]
        case .starting(next: .stay, let cancelled):
            backoff.reset()
            state = .starting(next: .run, cancelled: cancelled)
            return [.want(true)]
        case .stopping(let since, next: .stay):
            backoff.reset()
            state = .stopping(since: since, next: .run)
            return [.want(true)]
        case .running:
            endsForGood = false
            return [.want(true)]
        case .starting(next: .run, _), .stopping(_, next: .run):
            return [.want(true)]
        }
    }

    private mutating func stop(_ grace: Duration, by signal: Int32?) -> [Action] {
        switch state {
        case .idle:
            return [.want(false)]
        case .waiting(let code):
            state = .idle(code: code)
            return [.want(false), .disarmBackoff]
        case .starting:
            state = .starting(next: .stay(grace: grace), cancelled: true)
            return [.want(false), .cancelLaunch]
        case .running(let since):
            state = .stopping(since: since, next: .stay(grace: grace))
            return [.want(false)] + ending(grace, by: signal)
        case .stopping(let since, let next):
            state = .stopping(since: since, next: .stay(grace: grace))
            // The shorter of two wishes counts: a second stop with grace zero kills at once.
            if case .stay(let former) = next, former <= grace { return [.want(false)] }
            return [.want(false)] + (grace > .zero ? [.armGrace(grace)] : [.disarmGrace, .killAll])
        }
    }

    private func hasten(_ grace: Duration) -> [Action] {
        guard case .stopping = state else { return [] }
        return grace > .zero ? [.armGrace(grace)] : [.disarmGrace, .killAll]
    }

    private mutating func restart(_ grace: Duration) -> [Action] {
        switch state {
        case .running(let since):
            backoff.reset()
            state = .stopping(since: since, next: .run)
            return [.want(true)] + ending(grace)
        // The shorter of two wishes counts here as well.
        case .stopping: return start() + hasten(grace)
        case .idle, .waiting, .starting: return start()
        }
    }

    /// A start that fails then, because the other has ended again, is repeated as the policy says.
    private mutating func renew() -> [Action] {
        guard case .running(let since) = state else { return [] }
        isRenewed = true
        state = .stopping(since: since, next: .run)
        return ending(settings.grace)
    }

    /// What ends a program for certain, or is meant to, is a wish for its end, as docker has it.
    private mutating func kill(_ signal: Int32) -> [Action] {
        let isMeantToEnd = signal == SIGKILL || signal == settings.signal
        switch state {
        case .running(let since) where signal == SIGKILL:
            state = .stopping(since: since, next: .stay(grace: .zero))
            return [.want(false), .signal(signal)] + unpause()
        case .running where isMeantToEnd:
            endsForGood = true
            return [.signal(signal)] + unpause()
        case .waiting(let code) where isMeantToEnd:
            state = .idle(code: code)
            return [.want(false), .disarmBackoff]
        case .running, .stopping: return [.signal(signal)]
        case .idle, .waiting, .starting: return []
        }
    }

    private mutating func pause() -> [Action] {
        guard case .running = state, !isPaused else { return [] }
        isPaused = true
        return [.freeze(true)]
    }

    private mutating func unpause() -> [Action] {
        guard isPaused else { return [] }
        isPaused = false
        return [.freeze(false)]
    }

    private mutating func launched(_ at: Duration) -> [Action] {
        guard case .starting(let next, _) = state else { return [] }
        isRenewed = false
        switch next {
        case .run:
            state = .running(since: at)
            return []
        case .stay(let grace):
            state = .stopping(since: at, next: next)
            return ending(grace)
        }
    }

    private mutating func launchFailed(_ code: Int32) -> [Action] {
        guard case .starting(let next, let cancelled) = state else { return [] }
        if cancelled, next == .run {
            state = .starting(next: .run, cancelled: false)
            return [.launch]
        }
        // A start that somebody asked for and that fails is reported, not repeated.
        guard next == .run, backoff.restarts > 0 || isRenewed else {
            state = .idle(code: code)
            return next == .run ? [.want(false)] : []
        }
        return again(code, ranFor: .zero)
    }

    private mutating func exited(_ code: Int32, _ at: Duration) -> [Action] {
        isPaused = false
        defer { endsForGood = false }
        switch state {
        case .running where endsForGood:
            state = .idle(code: code)
            return [.want(false)]
        case .running(let since):
            return again(code, ranFor: at - since)
        case .stopping(_, next: .run):
            state = .starting(next: .run, cancelled: false)
            return [.disarmGrace, .launch]
        case .stopping(_, next: .stay):
            state = .idle(code: code)
            return [.disarmGrace]
        case .idle, .starting, .waiting:
            return []
        }
    }

    private mutating func graceEnded() -> [Action] {
        guard case .stopping = state else { return [] }
        return [.killAll]
    }

    private mutating func backoffEnded() -> [Action] {
        guard case .waiting = state else { return [] }
        state = .starting(next: .run, cancelled: false)
        return [.launch]
    }

    /// The stop signal is sent without any grace, too: a program may catch it before it is killed.
    /// What stands still goes on to hear it.
    private mutating func ending(_ grace: Duration, by signal: Int32? = nil) -> [Action] {
        if signal == SIGKILL { return [.killAll] + unpause() }
        return [.signal(signal ?? settings.signal)] + unpause() + [
            grace > .zero ? .armGrace(grace) : .killAll
        ]
    }

    private mutating func again(_ code: Int32, ranFor run: Duration) -> [Action] {
        guard let delay = backoff.next(afterCode: code, ranFor: run) else {
            state = .idle(code: code)
            return []
        }
        state = .waiting(code: code)
        return [.armBackoff(delay)]
    }
}
