import Glibc
import Linux
import Synchronization
package import SystemPackage

/// A connection to the streams of a program that runs in a container: of its first one, or of one
/// that was executed in it. Several may exist at once. What `attach`, `exec -t` and an API offer
/// is made of it.
///
/// `next` has one caller at a time; what is sent may come from several tasks, and goes out in the
/// order of the calls.
package final class AttachConnection: Sendable {
    /// What the program's streams are.
    package let streams: Streams
    private let connection: UnixConnection
    private let queue: FrameQueue
    /// What has arrived and is not taken yet.
    private let parser: Mutex<AttachEventParser>

    private init(
        _ connection: UnixConnection,
        _ streams: Streams,
        _ queue: FrameQueue,
        _ parser: AttachEventParser
    ) {
        self.connection = connection
        self.streams = streams
        self.queue = queue
        self.parser = Mutex(parser)
    }

    /// Uses the connection of an exec keeper, which is attached from the start.
    convenience init(attached socket: SharedFD, _ streams: Streams) {
        let connection = UnixConnection(socket)
        self.init(connection, streams, FrameQueue(connection), AttachEventParser())
    }

    /// Attaches to the container whose files are in `directory`. Everything that its first process
    /// writes after that is an event.
    ///
    /// One that has ended, and one from before its keeper could be attached to, is an error.
    package static func attach(
        to name: String,
        in directory: FilePath,
        givesInput: Bool
    ) async throws -> AttachConnection {
        let connection = try connect(to: name, in: directory)
        let queue = FrameQueue(connection)
        let (streams, parser) = try await handshake(connection, queue, givesInput, name)
        return AttachConnection(connection, streams, queue, parser)
    }

    /// The same for one that is about to begin: nil as long as it takes no clients yet.
    package static func attachIfThere(
        to name: String,
        in directory: FilePath,
        givesInput: Bool
    ) async throws -> AttachConnection? {
        let connection: UnixConnection
        do throws(SyscallError) {
            connection = try UnixConnection.connect(to: ContainerFolder(directory).attach)
        } catch  where [ENOENT, ECONNREFUSED].contains(error.errno) {
            return nil
        }
        let queue = FrameQueue(connection)
        let (streams, parser) = try await handshake(connection, queue, givesInput, name)
        return AttachConnection(connection, streams, queue, parser)
    }

    private static func connect(
        to name: String,
        in directory: FilePath
    ) throws -> UnixConnection {
        do throws(SyscallError) {
            return try UnixConnection.connect(to: ContainerFolder(directory).attach)
        } catch  where [ENOENT, ECONNREFUSED].contains(error.errno) {
            throw RuntimeError(
                container: name,
                message: "it takes no clients: it has ended, or was started by an older berth",
                hint: "`berth restart` starts it so that it can be attached to"
            )
        }
    }

    private static func handshake(
        _ connection: UnixConnection,
        _ queue: FrameQueue,
        _ givesInput: Bool,
        _ name: String
    ) async throws -> (Streams, AttachEventParser) {
        let ended = RuntimeError(
            container: name,
            message: "it ended just now, or too many clients are attached to it"
        )
        guard try await queue.send(.attach(givesInput: givesInput)) else { throw ended }
        var parser = AttachEventParser()
        while true {
            switch parser.next() {
            case .event(.attached(let streams)): return (streams, parser)
            case .event, .malformed: throw malformed
            case .none:
                let bytes = try await read(connection)
                if bytes.isEmpty { throw ended }
                parser.append(bytes)
            }
        }
    }

    /// The next event; nil when the connection has ended, by us or by the keeper: it gives up a
    /// client that reads too slowly (docs/decisions/027-streams.md).
    package func next() async throws -> AttachEvent? {
        while true {
            switch parser.withLock({ $0.next() }) {
            case .event(let event): return event
            case .malformed: throw Self.malformed
            case .none:
                let bytes = try await Self.read(connection)
                if bytes.isEmpty { return nil }
                parser.withLock { $0.append(bytes) }
            }
        }
    }

    private static let malformed = SyscallError(call: "read", subject: "frame", errno: EPROTO)

    /// Empty at the end, also where what we sent was not read.
    private static func read(_ connection: UnixConnection) async throws -> [UInt8] {
        do {
            return try await connection.read()
        } catch let error as SyscallError where error.errno == ECONNRESET {
            return []
        }
    }

    /// Sends something, waiting while the program takes no more input. False: nobody hears it any
    /// more.
    @discardableResult
    package func send(_ message: KeeperMessage) async throws -> Bool {
        try await queue.send(message)
    }

    /// Ends the connection, waking whoever waits for the next event. The program goes on.
    package func close() { connection.shutDown() }
}
