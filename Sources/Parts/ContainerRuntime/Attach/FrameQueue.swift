import Glibc
import Linux

/// Sends messages one after another over a connection that several tasks use.
actor FrameQueue {
    private let connection: UnixConnection
    private var last: Task<Void, any Error>?

    init(_ connection: UnixConnection) { self.connection = connection }

    /// Returns when the socket has taken it, after all before it. False: nobody hears it any more,
    /// so that what it asks for is not done.
    func send(_ message: KeeperMessage) async throws -> Bool {
        let sending = enqueue(message.frames)
        do {
            try await sending.value
            return true
        } catch let error as SyscallError where [EPIPE, ECONNRESET].contains(error.errno) {
            return false
        }
    }

    private func enqueue(_ frames: [UInt8]) -> Task<Void, any Error> {
        let (before, connection) = (last, connection)
        // Nobody cancels it: a frame of which only the beginning was sent would be the end of the
        // connection. It ends when the frame is taken, or the connection has ended.
        let sending = Task<Void, any Error> {
            if let before { _ = await before.result }
            try await connection.write(frames)
        }
        last = sending
        return sending
    }
}
