import GRDB
import Glibc
import Linux
import SystemPackage

/// The database: SQLite in WAL mode, one connection per process.
///
/// One connection and not a pool, since our transactions take microseconds, and since a pool writes
/// on every opening and opens a second file for the first read: `berth ps` would pay for both.
/// Other processes read while we write (WAL) and wait up to ten seconds to write.
struct RecordStore: Sendable {
    private let queue: DatabaseQueue
    private let path: FilePath
    private let reserve: DiskReserve

    /// Opens the database, making it when there is none. Nobody else can read it.
    init(path: FilePath) throws {
        self.path = path
        let reserve = DiskReserve(beside: path)
        self.reserve = reserve
        let configuration = Self.configuration()
        let isSparse = IndexFile.isSparse(beside: path)
        // What is written to a hole then ends the process with SIGBUS.
        if isSparse, reserve.shortage != nil { _ = reserve.release() }
        do {
            try Self.keepPrivate(path)
            queue = try Self.onFullDisk(reserve) {
                let queue = try DatabaseQueue(path: path.string, configuration: configuration)
                try queue.inDatabase { db in try Schema.prepare(db) }
                return queue
            }
        } catch {
            throw Self.explain(error, path: path, reserve)
        }
        if isSparse { IndexFile.allocate(beside: path) }
        reserve.fill()
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "berth"
        configuration.busyMode = .callback { number in WriterWait.pause(before: number) }
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return configuration
    }

    /// SQLite makes its files for everybody to read, and the others with the mode of the first.
    /// The file is never opened beside a connection: to close it would give up SQLite's locks.
    private static func keepPrivate(_ path: FilePath) throws {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let made = open(path.string, flags, 0o600)
        if made >= 0 {
            close(made)
            return
        }
        for name in [path.string, "\(path)-wal", "\(path)-shm"] {
            var status = stat()
            if stat(name, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
                throw EngineError(
                    .state,
                    "cannot use the state in \(path)",
                    because: "\(name) is not a file",
                    remedy: "move it away, or set BERTH_ROOT"
                )
            }
            guard lstat(name, &status) == 0, status.st_mode & 0o077 != 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            chmod(name, 0o600)
        }
    }

    /// Does something that writes a little; on a full disk again, with the space that is kept for
    /// it. What it leaves of that is kept again.
    private static func onFullDisk<T>(_ reserve: DiskReserve, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError where isShort(error, reserve) && reserve.release() {
            defer { reserve.fill() }
            return try body()
        }
    }

    /// Whether there was no room. SQLite says so of the database alone, not of what it needs
    /// beside it.
    private static func isShort(_ error: DatabaseError, _ reserve: DiskReserve) -> Bool {
        switch error.resultCode {
        case .SQLITE_FULL: true
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: reserve.shortage != nil
        default: false
        }
    }

    /// Runs queries that see one moment of the database.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await queue.read(body)
        } catch {
            throw Self.explain(error, path: path, reserve)
        }
    }

    /// As `read`, waiting on the calling thread: for the inside of a lock that ends with a scope.
    func readBlocking<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try queue.read(body)
        } catch {
            throw Self.explain(error, path: path, reserve)
        }
    }

    /// Runs one `BEGIN IMMEDIATE` transaction: all of it happens, or nothing does.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await commit(body)
        } catch {
            throw Self.explain(error, path: path, reserve)
        }
    }

    private func commit<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        let result = try await queue.write(body)
        CrashPoint.transactionCommitted.pass()
        return result
    }

    /// As `write`, for what ends or removes something: it works on a full disk, too.
    func writeEnd<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do {
            return try await commit(body)
        } catch let error as DatabaseError where Self.isShort(error, reserve) {
            defer { reserve.fill() }
            return try await writeWithReserve(body)
        } catch {
            throw Self.explain(error, path: path, reserve)
        }
    }

    /// With the space that is kept for it. It is one for all: who comes second, here or in another
    /// process, finds it given up already, or kept again the moment before.
    private func writeWithReserve<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        for attempt in 1..<Self.attempts {
            if !reserve.release(), attempt > 1 { try await Task.sleep(for: .milliseconds(10)) }
            // What the log holds goes into the database, so that the log is written from its
            // beginning again. Where that fails, the log grows into what was kept.
            try? await queue.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
            do { return try await commit(body) } catch let error as DatabaseError
                where [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN].contains(error.resultCode)
            {
                continue
            } catch {
                throw Self.explain(error, path: path, reserve)
            }
        }
        _ = reserve.release()
        return try await write(body)
    }

    private static let attempts = 8

    private static func isReadOnly(_ folder: FilePath) -> Bool {
        var space = statvfs()
        return statvfs(folder.string, &space) == 0 && space.f_flag & UInt(ST_RDONLY) != 0
    }

    /// SQLite's codes in words; other errors pass unchanged.
    private static func explain(
        _ error: any Error,
        path: FilePath,
        _ reserve: DiskReserve
    ) -> any Error {
        guard let failure = error as? DatabaseError else { return error }
        let attempt = "cannot use the state in \(path)"
        if isShort(failure, reserve) {
            return EngineError(
                .state,
                attempt,
                because: reserve.shortage ?? "no space left on the device",
                remedy: "free some space and run the command again"
            )
        }
        switch failure.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return EngineError(
                .state,
                attempt,
                because: "another berth has been changing it for ten seconds",
                remedy: "try again, or look for a stopped berth process"
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return EngineError(
                .state,
                attempt,
                because: "the file is damaged (\(failure.message ?? "no detail"))",
                remedy:
                    "restore it from a backup, or move it away: volumes keep what is in them, and "
                    + "have it again with the next `up`; containers are lost"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            if Self.isReadOnly(path.removingLastComponent()) {
                return EngineError(
                    .state,
                    attempt,
                    because: "its file system is mounted read-only",
                    remedy: "mount it for writing, or set BERTH_ROOT"
                )
            }
            return EngineError(
                .state,
                attempt,
                because: failure.message ?? "it cannot be opened for writing",
                remedy: "check the owner and mode of the folder, or set BERTH_ROOT"
            )
        case .SQLITE_IOERR:
            guard let limit = FileSizeLimit.current else { break }
            return EngineError(
                .state,
                attempt,
                because: "files may not grow beyond \(limit >> 10) KiB here (`ulimit -f`)",
                remedy: "raise the limit: `ulimit -f unlimited`"
            )
        default: break
        }
        return EngineError(.state, attempt, because: failure.message ?? "\(failure)")
    }
}
