import CLinux

/// The writing end of a pipe of events: from child to keeper, and from keeper to its starter.
/// An event is smaller than PIPE_BUF and so arrives whole. Nobody listening is nobody's harm.
struct Reporter {
    let fd: CInt

    func send(
        _ kind: KeeperEventKind,
        stage: Int32 = 0,
        index: Int = 0,
        error: CInt = 0,
        value: Int64 = 0
    ) {
        var event = keeper_event(
            kind: kind.rawValue,
            stage: stage,
            index: Int32(index),
            error: error,
            value: value
        )
        forward(&event)
    }

    func failed(_ stage: KeeperStage, index: Int = 0, error: CInt) {
        send(.failed, stage: stage.rawValue, index: index, error: error)
    }

    func forward(_ event: inout keeper_event) {
        _ = write(fd, &event, MemoryLayout<keeper_event>.size)
    }
}
