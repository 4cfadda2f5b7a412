/// What a walk tells about a step, as it happens.
package struct WalkEvent: Sendable {
    /// Index in the plan.
    package var step: Int
    package var kind: Kind

    /// What happened to a step.
    package enum Kind: Sendable {
        case started
        case finished(after: Duration)
        /// What was waited for did its work and ended well, instead of staying.
        case completed(after: Duration)
        /// The wait of one that is not required failed: the reason. Its dependents go on.
        case ignored(String, after: Duration)
        case failed(any Error, after: Duration)
        /// Never begun, since a step it comes after failed.
        case skipped
    }
}

/// How a walk ended.
package struct WalkResult: Sendable {
    /// By index in the plan, in the order of the plan.
    package var failures: [(step: Int, error: any Error)] = []
    package var skipped: [Int] = []
    /// The walk was cancelled before it was done.
    package var wasCancelled = false

    package var succeeded: Bool { failures.isEmpty && skipped.isEmpty && !wasCancelled }

    /// Throws the first failure; `CancellationError` when nothing failed but the walk was cancelled.
    package func check() throws {
        if let first = failures.first { throw first.error }
        if wasCancelled || !skipped.isEmpty { throw CancellationError() }
    }
}

extension Plan {
    /// How many steps are at work at the same time unless somebody wishes otherwise.
    package static let usualLimit = 16

    /// Carries a plan out, in parallel along its graph.
    ///
    /// A failed step takes only its dependents with it; what is independent goes on to its end, and
    /// nothing that ran is undone. Cancelling the task begins no more steps and cancels those under way.
    ///
    /// At most `limit` steps are at work at the same time; waits are not work. `perform` carries one
    /// operation out: called at most once per step, never for one whose predecessors failed.
    /// `report` is told of each step, from one task at a time, in order.
    package func walk(
        limit: Int = Plan.usualLimit,
        perform: @escaping @Sendable (Operation) async throws -> StepOutcome,
        report: @Sendable (WalkEvent) -> Void = { _ in }
    ) async -> WalkResult {
        var progress = WalkProgress(self)
        let clock = ContinuousClock()
        await withTaskGroup(of: StepEnd.self) { group in
            var working = 0
            while true {
                while !Task.isCancelled, let step = progress.next(mayWork: working < limit) {
                    let operation = steps[step].operation
                    let counts = !operation.isWait
                    if counts { working += 1 }
                    report(WalkEvent(step: step, kind: .started))
                    group.addTask {
                        let start = clock.now
                        let result: Result<StepOutcome, any Error>
                        do { result = .success(try await perform(operation)) } catch {
                            result = .failure(error)
                        }
                        return StepEnd(
                            step: step,
                            result: result,
                            counts: counts,
                            took: clock.now - start
                        )
                    }
                }
                guard let end = await group.next() else { break }
                if end.counts { working -= 1 }
                progress.finish(end, report: report)
            }
        }
        return progress.result(wasCancelled: Task.isCancelled)
    }
}

/// What performing a step came to, when it did not fail.
package enum StepOutcome: Sendable {
    case done
    /// What was waited for did its work and ended well, instead of staying.
    case completed
    /// A wait that is not required was in vain; the text says why.
    case ignored(String)
}

/// One step's end, as its task gives it.
private struct StepEnd: Sendable {
    var step: Int
    var result: Result<StepOutcome, any Error>
    var counts: Bool
    var took: Duration
}

/// Which steps of a plan may begin.
private struct WalkProgress {
    private let plan: Plan
    private var open: [Int]
    private var followers: [[Int]]
    private var states: [State]
    private var ready: [Int] = []
    private var failures: [(step: Int, error: any Error)] = []

    private enum State { case pending, begun, succeeded, failed, skipped }

    init(_ plan: Plan) {
        self.plan = plan
        open = plan.steps.map { Set($0.after + $0.behind).count }
        followers = Array(repeating: [], count: plan.steps.count)
        states = Array(repeating: .pending, count: plan.steps.count)
        for (index, step) in plan.steps.enumerated() {
            for predecessor in Set(step.after + step.behind) {
                precondition(predecessor < index, "a step of a plan comes after later steps")
                followers[predecessor].append(index)
            }
        }
        ready = open.indices.filter { open[$0] == 0 }
    }

    /// The next step that may begin, in the order of the plan; without `mayWork` only waits.
    mutating func next(mayWork: Bool) -> Int? {
        guard
            let position = ready.indices.first(where: {
                mayWork || plan.steps[ready[$0]].operation.isWait
            })
        else { return nil }
        let step = ready.remove(at: position)
        states[step] = .begun
        return step
    }

    mutating func finish(_ end: StepEnd, report: (WalkEvent) -> Void) {
        switch end.result {
        case .success(.done):
            states[end.step] = .succeeded
            report(WalkEvent(step: end.step, kind: .finished(after: end.took)))
        case .success(.completed):
            states[end.step] = .succeeded
            report(WalkEvent(step: end.step, kind: .completed(after: end.took)))
        case .success(.ignored(let reason)):
            states[end.step] = .succeeded
            report(WalkEvent(step: end.step, kind: .ignored(reason, after: end.took)))
        case .failure(let error):
            states[end.step] = .failed
            failures.append((end.step, error))
            report(WalkEvent(step: end.step, kind: .failed(error, after: end.took)))
        }
        release(followersOf: end.step, report: report)
    }

    /// Makes what came after a step ready, or skips it, and then what comes after that.
    private mutating func release(followersOf step: Int, report: (WalkEvent) -> Void) {
        var ended = [step]
        while let step = ended.popLast() {
            var skipped: [Int] = []
            for follower in followers[step] {
                open[follower] -= 1
                guard open[follower] == 0 else { continue }
                if plan.steps[follower].after.allSatisfy({ states[$0] == .succeeded }) {
                    ready.append(follower)
                } else {
                    states[follower] = .skipped
                    report(WalkEvent(step: follower, kind: .skipped))
                    skipped.append(follower)
                }
            }
            ended += skipped.reversed()
        }
        ready.sort()
    }

    func result(wasCancelled: Bool) -> WalkResult {
        WalkResult(
            failures: failures.sorted { $0.step < $1.step },
            skipped: states.indices.filter { states[$0] == .skipped },
            wasCancelled: wasCancelled && states.contains { $0 != .succeeded }
        )
    }
}

extension Plan.Operation {
    /// It only waits: no load on this machine.
    var isWait: Bool {
        switch self {
        case .wait, .lookAgain, .delay: true
        default: false
        }
    }
}
