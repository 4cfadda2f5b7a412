import GRDB
import SystemPackage

/// The database: SQLite in WAL mode, one connection per process.
///
/// One connection and not a pool, since our transactions take microseconds, and since a pool writes
/// on every opening and opens a second file for the first read: `berth ps` would pay for both.
/// Other processes read while we write (WAL) and wait up to ten seconds to write.
struct RecordStore: Sendable {
    private let queue: DatabaseQueue
    private let path: FilePath

    /// Opens the database, making it when there is none.
    init(path: FilePath) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "berth"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        do {
            queue = try DatabaseQueue(path: path.string, configuration: configuration)
            try queue.inDatabase { db in try Schema.prepare(db) }
        } catch {
            throw Self.explain(error, path: path)
        }
    }

    /// Runs queries that see one moment of the database.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await queue.read(body)
        } catch {
            throw Self.explain(error, path: path)
        }
    }

    /// As `read`, waiting on the calling thread: for the inside of a lock that ends with a scope.
    func readBlocking<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try queue.read(body)
        } catch {
            throw Self.explain(error, path: path)
        }
    }

    /// Runs one `BEGIN IMMEDIATE` transaction: all of it happens, or nothing does.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await queue.write(body)
        } catch {
            throw Self.explain(error, path: path)
        }
    }

    /// SQLite's codes in words; other errors pass unchanged.
    private static func explain(_ error: any Error, path: FilePath) -> any Error {
        guard let failure = error as? DatabaseError else { return error }
        let attempt = "cannot use the state in \(path)"
        switch failure.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return EngineError(
                .state,
                attempt,
                because: "another berth has been changing it for ten seconds",
                remedy: "try again, or look for a stopped berth process"
            )
        case .SQLITE_FULL:
            return EngineError(
                .state,
                attempt,
                because: "no space left on the device",
                remedy: "free some space and run the command again; nothing was half done"
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return EngineError(
                .state,
                attempt,
                because: "the file is damaged (\(failure.message ?? "no detail"))",
                remedy: "restore it from a backup, or move it away and run `berth system check`"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            return EngineError(
                .state,
                attempt,
                because: failure.message ?? "it cannot be opened for writing",
                remedy: "check the owner and mode of the folder, or set BERTH_ROOT"
            )
        default:
            return EngineError(.state, attempt, because: failure.message ?? "\(failure)")
        }
    }
}
