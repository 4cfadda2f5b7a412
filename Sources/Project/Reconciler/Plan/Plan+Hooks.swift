import ContainerRuntime

/// Starts and stops with the hooks that belong to them. Each gives the index of its last step: what
/// comes after a start comes after its hooks, and a hook that fails keeps what comes after it from
/// being done.
extension Plan {
    mutating func addStart(
        _ container: ContainerReference,
        hooks: HookSpecs?,
        because: String,
        after: [Int] = []
    ) -> Int {
        let start = add(Step(.startContainer(container), because: because, after: after))
        return addHooks(.postStart, hooks, of: container, because: because, after: [start]) ?? start
    }

    mutating func addStop(
        _ container: Observed.Container,
        grace: Duration?,
        because: String,
        after: [Int] = [],
        behind: [Int] = []
    ) -> Int {
        let hook = addHooks(
            .preStop,
            container.spec.hooks,
            of: container.reference,
            because: because,
            after: after,
            behind: behind
        )
        return add(
            Step(
                .stopContainer(container.reference, grace: grace),
                because: because,
                after: hook.map { [$0] } ?? after,
                behind: hook == nil ? behind : []
            )
        )
    }

    mutating func addRestart(
        _ container: Observed.Container,
        grace: Duration?,
        because: String,
        after: [Int] = [],
        behind: [Int] = []
    ) -> Int {
        let (reference, hooks) = (container.reference, container.spec.hooks)
        let hook = addHooks(
            .preStop,
            hooks,
            of: reference,
            because: because,
            after: after,
            behind: behind
        )
        let restart = add(
            Step(
                .restartContainer(reference, grace: grace),
                because: because,
                after: hook.map { [$0] } ?? after,
                behind: hook == nil ? behind : []
            )
        )
        return addHooks(.postStart, hooks, of: reference, because: because, after: [restart])
            ?? restart
    }

    private mutating func addHooks(
        _ moment: HookMoment,
        _ hooks: HookSpecs?,
        of container: ContainerReference,
        because: String,
        after: [Int],
        behind: [Int] = []
    ) -> Int? {
        guard let hooks, !hooks[moment].isEmpty else { return nil }
        return add(
            Step(.runHooks(container, moment), because: because, after: after, behind: behind)
        )
    }
}
