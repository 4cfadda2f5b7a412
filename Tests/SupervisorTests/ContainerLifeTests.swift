import ContainerRuntime
import Testing

@testable import Supervisor

/// A life with the default stop settings: SIGTERM, ten seconds.
private func life(_ policy: RestartPolicy = .no) -> ContainerLife {
    ContainerLife(policy: policy, settings: StopSettings())
}

private func ended() -> ContainerLife { life() }

private func running(_ policy: RestartPolicy = .no) -> ContainerLife {
    var life = life(policy)
    _ = life.handle(.start)
    _ = life.handle(.launched(at: .zero))
    return life
}

@Suite("ContainerLife")
struct ContainerLifeTests {
    private let ten = Duration.seconds(10)

    @Test("starts, runs, ends")
    func ordinary() {
        var life = life()
        #expect(life.handle(.start) == [.want(true), .launch])
        #expect(life.handle(.launched(at: .seconds(1))) == [])
        #expect(life.state == .running(since: .seconds(1)))
        #expect(life.handle(.exited(code: 3, at: .seconds(2))) == [])
        #expect(life.state == .idle(code: 3))
    }

    @Test("a second start of one that runs or is being started does nothing")
    func startTwice() {
        var life = life()
        _ = life.handle(.start)
        #expect(life.handle(.start) == [.want(true)])
        _ = life.handle(.launched(at: .zero))
        #expect(life.handle(.start) == [.want(true)])
    }

    @Test("a stop asks, waits for the grace and kills")
    func stops() {
        var life = running(.always)
        #expect(life.handle(.stop(grace: nil)) == [.want(false), .signal(15), .armGrace(ten)])
        #expect(life.handle(.graceEnded) == [.killAll])
        #expect(life.handle(.exited(code: 137, at: ten)) == [.disarmGrace])
        #expect(life.state == .idle(code: 137))
    }

    @Test("a stop with grace zero sends the stop signal and kills at once")
    func stopsAtOnce() {
        var life = running()
        #expect(life.handle(.stop(grace: .zero)) == [.want(false), .signal(15), .killAll])
    }

    @Test("of two stops the shorter grace counts")
    func stopTwice() {
        var life = running()
        _ = life.handle(.stop(grace: .seconds(60)))
        #expect(life.handle(.stop(grace: .seconds(90))) == [.want(false)])
        var second = running()
        _ = second.handle(.stop(grace: .seconds(60)))
        #expect(second.handle(.stop(grace: .seconds(5))) == [.want(false), .armGrace(.seconds(5))])
        #expect(second.handle(.stop(grace: .zero)) == [.want(false), .disarmGrace, .killAll])
    }

    @Test("one that is renewed ends and starts, and a start that fails is repeated by its policy")
    func renews() {
        var life = running(.always)
        #expect(life.handle(.renew) == [.signal(15), .armGrace(ten)])
        #expect(life.handle(.exited(code: 143, at: ten)) == [.disarmGrace, .launch])
        #expect(life.handle(.launchFailed(code: 128)) == [.armBackoff(.milliseconds(100))])
        #expect(life.state == .waiting(code: 128))
        #expect(life.handle(.renew) == [])
        var other = running()
        _ = other.handle(.renew)
        _ = other.handle(.exited(code: 143, at: ten))
        #expect(other.handle(.launchFailed(code: 128)) == [])
        #expect(other.state == .idle(code: 128))
        // One that somebody asks for afterwards is reported.
        var asked = running(.always)
        _ = asked.handle(.renew)
        _ = asked.handle(.start)
        _ = asked.handle(.exited(code: 143, at: ten))
        #expect(asked.handle(.launchFailed(code: 128)) == [.want(false)])
    }

    @Test("a stop during the start cancels it")
    func stopDuringStart() {
        var life = life(.always)
        _ = life.handle(.start)
        #expect(life.handle(.stop(grace: ten)) == [.want(false), .cancelLaunch])
        #expect(life.handle(.launchFailed(code: 128)) == [])
        #expect(life.state == .idle(code: 128))
    }

    @Test("a stop during the start ends a container that came up nevertheless")
    func stopTooLateForStart() {
        var life = life()
        _ = life.handle(.start)
        _ = life.handle(.stop(grace: ten))
        #expect(life.handle(.launched(at: .zero)) == [.signal(15), .armGrace(ten)])
        _ = life.handle(.exited(code: 143, at: .seconds(1)))
        #expect(life.state == .idle(code: 143))
    }

    @Test("a start after a stop during the start launches again")
    func startStopStart() {
        var life = life()
        _ = life.handle(.start)
        _ = life.handle(.stop(grace: ten))
        #expect(life.handle(.start) == [.want(true)])
        #expect(life.handle(.launchFailed(code: 128)) == [.launch])
        #expect(life.handle(.launched(at: .zero)) == [])
        #expect(life.state == .running(since: .zero))
    }

    @Test("a start while stopping starts again when it has ended")
    func startWhileStopping() {
        var life = running()
        _ = life.handle(.stop(grace: ten))
        #expect(life.handle(.start) == [.want(true)])
        #expect(life.handle(.exited(code: 143, at: .seconds(1))) == [.disarmGrace, .launch])
    }

    @Test("a restart stops and starts, whatever the policy")
    func restarts() {
        var life = running()
        #expect(life.handle(.restart(grace: nil)) == [.want(true), .signal(15), .armGrace(ten)])
        #expect(life.handle(.exited(code: 143, at: .seconds(1))) == [.disarmGrace, .launch])
        #expect(life.backoff.restarts == 0)
        var idle = ended()
        #expect(idle.handle(.restart(grace: nil)) == [.want(true), .launch])
    }

    @Test("one that dies is started again after the delay")
    func policy() {
        var life = running(.always)
        #expect(
            life.handle(.exited(code: 0, at: .seconds(1))) == [.armBackoff(.milliseconds(100))]
        )
        #expect(life.state == .waiting(code: 0))
        #expect(life.handle(.backoffEnded) == [.launch])
        #expect(life.handle(.launched(at: .seconds(2))) == [])
        #expect(life.backoff.restarts == 1)
    }

    @Test("a failing start by the policy goes on with the delays")
    func policyAndFailingStart() {
        var life = running(.always)
        _ = life.handle(.exited(code: 1, at: .seconds(1)))
        _ = life.handle(.backoffEnded)
        #expect(life.handle(.launchFailed(code: 127)) == [.armBackoff(.milliseconds(200))])
    }

    @Test("a failing start that somebody asked for is not repeated")
    func failingStart() {
        var life = life(.always)
        _ = life.handle(.start)
        #expect(life.handle(.launchFailed(code: 127)) == [.want(false)])
        #expect(life.state == .idle(code: 127))
    }

    @Test("a stop ends the waiting for the next start")
    func stopWhileWaiting() {
        var life = running(.unlessStopped)
        _ = life.handle(.exited(code: 1, at: .seconds(1)))
        #expect(life.handle(.stop(grace: nil)) == [.want(false), .disarmBackoff])
        #expect(life.state == .idle(code: 1))
        #expect(life.handle(.backoffEnded) == [])
    }

    @Test("SIGKILL and the stop signal are wishes for the end, others only signals")
    func kill() {
        var life = running(.always)
        #expect(life.handle(.kill(signal: 1)) == [.signal(1)])
        #expect(
            life.handle(.exited(code: 129, at: .seconds(1))) == [.armBackoff(.milliseconds(100))]
        )
        #expect(life.handle(.kill(signal: 1)) == [])
        #expect(life.handle(.kill(signal: 9)) == [.want(false), .disarmBackoff])
        var killed = running(.always)
        #expect(killed.handle(.kill(signal: 9)) == [.want(false), .signal(9)])
        #expect(killed.handle(.exited(code: 137, at: .seconds(1))) == [.disarmGrace])
        #expect(killed.state == .idle(code: 137))
        var asked = running(.always)
        #expect(asked.handle(.kill(signal: 15)) == [.signal(15)])
        #expect(asked.handle(.exited(code: 0, at: .seconds(1))) == [.want(false)])
        #expect(asked.state == .idle(code: 0))
        // A start in between is a new wish.
        var started = running(.always)
        _ = started.handle(.kill(signal: 15))
        _ = started.handle(.start)
        #expect(
            started.handle(.exited(code: 0, at: .seconds(1))) == [.armBackoff(.milliseconds(100))]
        )
        var idle = ended()
        #expect(idle.handle(.kill(signal: 9)) == [])
    }

    @Test("what stands still goes on to hear that it shall end")
    func pauses() {
        var life = running(.always)
        #expect(life.handle(.unpause) == [])
        #expect(life.handle(.pause) == [.freeze(true)])
        #expect(life.isPaused)
        #expect(life.handle(.pause) == [])
        #expect(life.handle(.kill(signal: 1)) == [.signal(1)])
        var stopped = life
        let end: [ContainerLife.Action] = [
            .want(false), .signal(15), .freeze(false), .armGrace(ten),
        ]
        #expect(stopped.handle(.stop(grace: nil)) == end)
        var killed = life
        #expect(killed.handle(.kill(signal: 9)) == [.want(false), .signal(9), .freeze(false)])
        #expect(
            life.handle(.exited(code: 1, at: .seconds(20))) == [.armBackoff(.milliseconds(100))]
        )
        #expect(!life.isPaused)
    }

    @Test("an adopted container that ended meanwhile follows its policy")
    func adopted() {
        var life = ContainerLife(
            adopted: .onFailure(maximumRetries: 2),
            settings: StopSettings(),
            restarts: 1,
            since: .seconds(5)
        )
        // The second restart of its life: after twice the first delay.
        #expect(
            life.handle(.exited(code: 1, at: .seconds(6))) == [.armBackoff(.milliseconds(200))]
        )
        _ = life.handle(.backoffEnded)
        _ = life.handle(.launched(at: .seconds(7)))
        #expect(life.handle(.exited(code: 1, at: .seconds(8))) == [])
        #expect(life.state == .idle(code: 1))
    }

    @Test(
        "one found waiting goes on with its back-off, and counts the restart that is to come",
        arguments: [
            (0, Duration.zero, 100), (1, .zero, 200), (4, .seconds(9), 1600),
            (4, .seconds(10), 100),
            (40, .zero, 60_000),
        ]
    )
    func waiting(restarts: Int, run: Duration, milliseconds: Int) {
        var (life, actions) = ContainerLife.waiting(
            .always,
            settings: StopSettings(),
            restarts: restarts,
            code: 3,
            ranFor: run
        )
        #expect(actions == [.armBackoff(.milliseconds(milliseconds))])
        #expect(life.state == .waiting(code: 3))
        #expect(life.backoff.restarts == restarts + 1)
        #expect(life.handle(.backoffEnded) == [.launch])
    }

    @Test("a stop under way can be hastened, and nothing else can")
    func hastens() {
        var stopping = running()
        _ = stopping.handle(.stop(grace: .seconds(60)))
        #expect(stopping.handle(.hasten(grace: .seconds(1))) == [.armGrace(.seconds(1))])
        #expect(stopping.handle(.hasten(grace: nil)) == [.armGrace(ten)])
        #expect(stopping.handle(.hasten(grace: .zero)) == [.disarmGrace, .killAll])
        var restarting = running()
        _ = restarting.handle(.restart(grace: .seconds(60)))
        #expect(restarting.handle(.hasten(grace: .seconds(1))) == [.armGrace(.seconds(1))])
        #expect(
            restarting.handle(.exited(code: 143, at: .seconds(1))) == [.disarmGrace, .launch]
        )
        for var life in [running(.always), life(), ended()] {
            let before = life
            #expect(life.handle(.hasten(grace: .zero)) == [])
            #expect(life == before)
        }
    }

    @Test("a restart shortens the grace of a stop that is under way, and never makes it longer")
    func restartHastens() {
        var stopping = running()
        _ = stopping.handle(.stop(grace: .seconds(60)))
        let actions = stopping.handle(.restart(grace: .seconds(1)))
        #expect(actions == [.want(true), .armGrace(.seconds(1))])
        // A timer that ends sooner goes on instead of this one.
        #expect(stopping.handle(.restart(grace: nil)) == [.want(true), .armGrace(ten)])
        let last = stopping.handle(.restart(grace: .zero))
        #expect(last == [.want(true), .disarmGrace, .killAll])
        #expect(stopping.handle(.exited(code: 137, at: .seconds(1))) == [.disarmGrace, .launch])
    }

    @Test("no event in any state leaves a container both unwanted and coming back")
    func exhaustive() {
        let events: [ContainerLife.Event] = [
            .start, .stop(grace: nil), .stop(grace: .zero), .restart(grace: nil), .kill(signal: 9),
            .hasten(grace: .zero), .pause, .kill(signal: 15),
            .launched(at: .seconds(1)), .launchFailed(code: 127), .exited(code: 1, at: .seconds(2)),
            .graceEnded, .backoffEnded,
        ]
        var seen: [ContainerLife] = [life(.always)]
        var wanted: [Bool] = [false]
        var index = 0
        while index < seen.count, seen.count < 4000 {
            for event in events {
                var next = seen[index]
                let actions = next.handle(event)
                var want = wanted[index]
                for case .want(let value) in actions { want = value }
                if case .stop = event { #expect(!want && !comesBack(next)) }
                if case .start = event { #expect(want && comesBack(next)) }
                if !want { #expect(!comesBack(next)) }
                let known = zip(seen, wanted).contains { $0 == next && $1 == want }
                if !known, next.backoff.restarts < 3 {
                    seen.append(next)
                    wanted.append(want)
                }
            }
            index += 1
        }
    }

    private func comesBack(_ life: ContainerLife) -> Bool {
        switch life.state {
        case .idle, .starting(next: .stay, _), .stopping(_, next: .stay): false
        case .starting, .running, .stopping, .waiting: true
        }
    }
}
