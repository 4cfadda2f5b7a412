import CLinux

/// Where events go: a pipe from child to keeper and from keeper to its starter, or the journal of
/// who enters a container. An event is smaller than PIPE_BUF and so arrives whole.
struct Reporter {
    /// The writing end of the pipe; -1 for a journal.
    let fd: CInt
    private let journal: Journal?

    init(fd: CInt) {
        self.fd = fd
        journal = nil
    }

    init(journal: Journal) {
        fd = -1
        self.journal = journal
    }

    /// False: nobody listens any more.
    @discardableResult
    func send(
        _ kind: KeeperEventKind,
        stage: Int32 = 0,
        index: Int = 0,
        error: CInt = 0,
        value: Int64 = 0
    ) -> Bool {
        var event = keeper_event(
            kind: kind.rawValue,
            stage: stage,
            index: Int32(index),
            error: error,
            value: value
        )
        return forward(&event)
    }

    func failed(_ stage: KeeperStage, index: Int = 0, error: CInt) {
        send(.failed, stage: stage.rawValue, index: index, error: error)
    }

    @discardableResult
    func forward(_ event: inout keeper_event) -> Bool {
        if let journal {
            journal.append(event)
            return true
        }
        let size = MemoryLayout<keeper_event>.size
        return write(fd, &event, size) == size
    }
}
