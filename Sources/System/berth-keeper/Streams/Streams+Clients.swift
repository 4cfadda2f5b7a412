import CLinux

extension Streams {
    /// Something happened to a client: it takes output again, has sent something, or has left.
    mutating func serve(_ index: Int, _ events: CInt) {
        if events & POLLOUT != 0 { clients[index]?.connection.sendOn() }
        guard events & ~POLLOUT != 0, let client = clients[index], !client.isWaiting else { return }
        if clients[index]?.connection.receive() == false { clients[index]?.hasLeft = true }
        obey(index)
    }

    /// Handles the frames that a client has sent, as far as the program takes its input.
    private mutating func obey(_ index: Int) {
        while let next = clients[index]?.connection.next() {
            switch next {
            case .none:
                if clients[index]?.hasLeft == true { remove(index) }
                return
            case .malformed: return remove(index)
            case .frame(let frame):
                if frame.kind == .input {
                    guard passOn(frame, of: index) else { return }
                } else if !obey(frame, of: index) {
                    return remove(index)
                }
            }
        }
    }

    /// False for what is only the starter's to say.
    private mutating func obey(_ frame: Connection.Frame, of index: Int) -> Bool {
        switch frame.kind {
        case .go, .kill, .detach, .input: return false
        case .signal:
            if let number = frame.load(Int32.self), (1...64).contains(number), process >= 0 {
                _ = berth_pidfd_send_signal(process, number)
            }
        case .attach: attach(index, frame.load(UInt32.self) ?? 0)
        case .closeInput: closeInput(of: index)
        case .resize:
            if let window = frame.load(keeper_window.self) {
                self.window = window
                resize()
            }
        }
        clients[index]?.connection.drop(frame)
        return true
    }

    private func attach(_ index: Int, _ wishes: UInt32) {
        var flags: UInt32 = 0
        if spec.has(KEEPER_TERMINAL) { flags |= UInt32(KEEPER_STREAMS_TERMINAL) }
        if spec.has(KEEPER_INPUT) { flags |= UInt32(KEEPER_STREAMS_INPUT) }
        if spec.has(KEEPER_INPUT_ONCE) { flags |= UInt32(KEEPER_STREAMS_INPUT_ONCE) }
        clients[index]?.givesInput = wishes & UInt32(KEEPER_ATTACH_INPUT) != 0
        guard clients[index]?.isAttached == false, clients[index]?.connection.hasRoom == true else {
            return
        }
        clients[index]?.isAttached = true
        withUnsafeBytes(of: &flags) { clients[index]?.connection.send(.attached, $0) }
    }

    private mutating func remove(_ index: Int) {
        closeInput(of: index)
        clients.remove(index)
    }

    /// Lets those go that have left while the program did not take their input. Until others need
    /// their places it may still take it.
    mutating func makeRoom() {
        for index in 0..<Clients.capacity where clients.isGone(index) { remove(index) }
    }

    // MARK: Input

    var hasWaitingInput: Bool {
        for index in 0..<Clients.capacity where clients[index]?.isWaiting == true { return true }
        return false
    }

    /// The program takes input again, or never will.
    mutating func goOnWithInput() {
        for index in 0..<Clients.capacity where clients[index]?.isWaiting == true {
            clients[index]?.isWaiting = false
            obey(index)
        }
    }

    /// False when the program does not take all of it now; what is left waits.
    private mutating func passOn(_ frame: Connection.Frame, of index: Int) -> Bool {
        var taken = 0
        while taken < frame.bytes.count, input >= 0, let base = frame.bytes.baseAddress {
            let count = write(input, base + taken, frame.bytes.count - taken)
            if count < 0 && berth_errno() == EINTR { continue }
            if count < 0 && berth_errno() == EAGAIN { return wait(with: frame, taken, index) }
            if count <= 0 { closeInput() } else { taken += count }
        }
        // It may be that the terminal is not there yet.
        if handover >= 0 && spec.has(KEEPER_INPUT) { return wait(with: frame, taken, index) }
        clients[index]?.connection.drop(frame)
        return true
    }

    private func wait(with frame: Connection.Frame, _ taken: Int, _ index: Int) -> Bool {
        clients[index]?.connection.drop(frame, first: taken)
        clients[index]?.isWaiting = true
        return false
    }

    /// A client has no more input. A terminal has no end, nor has input that stays open.
    private mutating func closeInput(of index: Int) {
        guard clients[index]?.givesInput == true, spec.has(KEEPER_INPUT_ONCE),
            !spec.has(KEEPER_TERMINAL)
        else { return }
        closeInput()
    }

    /// Nobody takes input any more. A terminal stays open: its output is read there.
    private mutating func closeInput() {
        if input >= 0 && !spec.has(KEEPER_TERMINAL) { _ = close(input) }
        input = -1
    }
}
