import CLinux

/// The process that becomes the program: what its steps need to know, and how they fail.
struct Child {
    let spec: Spec
    /// To the keeper; close-on-exec, so that its end of file means that exec worked.
    var status: Reporter

    /// Says where it went wrong and ends: never `exit`, which would run handlers.
    func fail(_ stage: KeeperStage, _ index: Int = 0, error: CInt) -> Never {
        status.failed(stage, index: index, error: error)
        _exit(125)
    }

    func fail(_ stage: KeeperStage, _ index: Int = 0) -> Never {
        let error = berth_errno()
        fail(stage, index, error: error)
    }

    func warn(_ stage: KeeperStage, _ index: Int = 0) {
        let error = berth_errno()
        status.send(.warning, stage: stage.rawValue, index: index, error: error)
    }

    /// Passes on what a call returned unless that is the -1 of a failure.
    @discardableResult
    func must(_ result: CInt, _ stage: KeeperStage, _ index: Int = 0) -> CInt {
        if result < 0 { fail(stage, index) }
        return result
    }
}
