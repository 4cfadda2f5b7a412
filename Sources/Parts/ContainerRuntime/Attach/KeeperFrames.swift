import CLinux

/// What is said to a keeper; see keeper_frames.h.
package enum KeeperMessage: Equatable, Sendable {
    case go
    case kill
    case detach
    case signal(Int32)
    case attach(givesInput: Bool)
    /// Of any length: more than a frame may carry becomes several.
    case input([UInt8])
    case closeInput
    case resize(TerminalSize)

    /// The frames, ready to be sent.
    package var frames: [UInt8] {
        switch self {
        case .go: frame(.go)
        case .kill: frame(.kill)
        case .detach: frame(.detach)
        case .closeInput: frame(.closeInput)
        case .signal(let number): frame(.signal, value: number)
        case .attach(let givesInput):
            frame(.attach, value: givesInput ? UInt32(KEEPER_ATTACH_INPUT) : 0)
        case .resize(let size):
            frame(.resize, value: keeper_window(rows: size.rows, columns: size.columns))
        case .input(let bytes): inputFrames(bytes)
        }
    }

    private func inputFrames(_ bytes: [UInt8]) -> [UInt8] {
        var frames: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int(KEEPER_LARGEST_REQUEST))
            frames += part.withUnsafeBytes { frame(.input, $0) }
            rest = rest.dropFirst(part.count)
        }
        return frames
    }

    private func frame<Value: BitwiseCopyable>(
        _ kind: KeeperRequest,
        value: Value
    ) -> [UInt8] {
        withUnsafeBytes(of: value) { frame(kind, $0) }
    }

    private func frame(
        _ kind: KeeperRequest,
        _ bytes: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> [UInt8] {
        let header = keeper_frame(kind: kind.rawValue, size: UInt32(bytes.count))
        return withUnsafeBytes(of: header) { Array($0) } + bytes
    }
}

/// What a keeper says of its program's streams.
package enum AttachEvent: Equatable, Sendable {
    /// The connection is attached: what the program writes from now on comes here.
    case attached(Streams)
    /// Bytes of standard output, or of the terminal.
    case output([UInt8])
    case error([UInt8])
    /// The program has ended, and nothing follows. 128 + the signal where one ended it.
    case exited(code: Int32, signal: Int32)
}

/// Cuts what comes from a keeper into events.
package struct AttachEventParser: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    /// One to which nothing has come.
    package init() {}

    /// Takes what has arrived.
    package mutating func append(_ more: [UInt8]) {
        if start > 0 { bytes.removeFirst(start) }
        start = 0
        bytes += more
    }

    /// What there is next.
    package enum Next: Equatable, Sendable {
        case event(AttachEvent)
        /// The next one has not arrived, or not whole.
        case none
        /// What arrived is nothing that a keeper of this build says.
        case malformed
    }

    /// The next event.
    package mutating func next() -> Next {
        let size = MemoryLayout<keeper_frame>.size
        guard bytes.count - start >= size else { return .none }
        let header = bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: start, as: keeper_frame.self)
        }
        guard header.size <= UInt32(KEEPER_LARGEST_ANSWER) else { return .malformed }
        let end = start + size + Int(header.size)
        guard bytes.count >= end else { return .none }
        let content = Array(bytes[(start + size)..<end])
        start = end
        return Self.event(header.kind, content).map { .event($0) } ?? .malformed
    }

    private static func event(_ kind: UInt32, _ content: [UInt8]) -> AttachEvent? {
        switch kind {
        case KeeperAnswer.output.rawValue: return .output(content)
        case KeeperAnswer.error.rawValue: return .error(content)
        case KeeperAnswer.attached.rawValue:
            return value(of: content, as: UInt32.self).map { .attached(streams(Int($0))) }
        case KeeperAnswer.exited.rawValue:
            return value(of: content, as: keeper_ending.self).map {
                .exited(code: $0.code, signal: $0.signal)
            }
        default: return nil
        }
    }

    private static func streams(_ flags: Int) -> Streams {
        let input: Streams.Input =
            flags & KEEPER_STREAMS_INPUT == 0
            ? .none : flags & KEEPER_STREAMS_INPUT_ONCE == 0 ? .open : .once
        return flags & KEEPER_STREAMS_TERMINAL == 0
            ? .pipes(input: input) : .terminal(input: input)
    }

    private static func value<Value: BitwiseCopyable>(
        of content: [UInt8],
        as type: Value.Type
    ) -> Value? {
        guard content.count == MemoryLayout<Value>.size else { return nil }
        return content.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }
}
