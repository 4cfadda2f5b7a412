import CLinux
import Glibc
package import SystemPackage
import Synchronization

/// A lock on a file of ours (flock(2)), exclusive unless it is asked to be shared, held until the object ends or the process dies.
/// Nothing is written into the file; whoever holds the lock may delete it.
package final class FileLock: Sendable {
    private let fd: OwnedFD

    private init(_ fd: consuming OwnedFD) { self.fd = fd }

    /// Takes the lock if it is free; nil when somebody holds it.
    package static func tryAcquire(
        _ path: FilePath,
        shared: Bool = false
    ) throws(SyscallError) -> FileLock? {
        while true {
            let fd = try openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            do throws(SyscallError) {
                try lock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB, path)
            } catch  where error.errno == EWOULDBLOCK {
                return nil
            }
            guard try isStill(fd, at: path) else { continue }
            CrashPoint.lockTaken.pass()
            return FileLock(fd)
        }
    }

    /// Whether somebody holds the lock, without touching it: /proc/locks, proc_locks(5). False when
    /// that cannot be seen from here.
    package static func isHeld(_ path: FilePath) -> Bool {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0,
            // What cannot be read shows no lock.
            let bytes = try? readFile("/proc/locks", limit: 16 << 20)
        else { return false }
        // Device numbers in hexadecimal, two digits at least; makedev(3).
        let device = UInt64(status.st_dev)
        let major = device >> 8 & 0xfff | device >> 32 & ~0xfff
        let minor = device & 0xff | device >> 12 & ~0xff
        func two(_ number: UInt64) -> String {
            (number < 16 ? "0" : "") + String(number, radix: 16)
        }
        let file = "\(two(major)):\(two(minor)):\(status.st_ino)"
        // btrfs tells stat(2) of other devices than the kernel's lists have: then the inode counts.
        let mounts = (try? readFile("/proc/self/mountinfo", limit: 16 << 20)) ?? []
        let isListed = String(decoding: mounts, as: UTF8.self).contains(" \(major):\(minor) ")
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            // A waiting lock has an arrow before its kind.
            return words.count > 5 && words[1] == "FLOCK"
                && (isListed ? words[5] == file : words[5].hasSuffix(":\(status.st_ino)"))
        }
    }

    /// A further descriptor of the lock, for a program that is started: the lock lasts until that
    /// program has ended, too.
    package func share() throws(SyscallError) -> SharedFD { SharedFD(try fd.duplicate()) }

    /// Waits for the lock. A cancelled wait throws `CancellationError` at once; its thread gives
    /// the lock back as soon as it has got it.
    package static func acquire(_ path: FilePath, shared: Bool = false) async throws -> FileLock {
        if let lock = try tryAcquire(path, shared: shared) { return lock }
        let waiting = Mutex<CheckedContinuation<FileLock, any Error>?>(nil)
        // The result goes to whoever takes the continuation first: the thread or the canceller.
        @Sendable func finish(_ result: Result<FileLock, any Error>) {
            let continuation = waiting.withLock { $0.take() }
            continuation?.resume(with: result)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.withLock { $0 = continuation }
                if Task.isCancelled { return finish(.failure(CancellationError())) }
                do throws(SyscallError) {
                    try startThread { finish(Result { try wait(path, shared: shared) }) }
                } catch {
                    finish(.failure(error))
                }
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    /// Waits for the lock and blocks the thread: for work that runs in `blocking { }` anyway.
    package static func wait(
        _ path: FilePath,
        shared: Bool = false
    ) throws(SyscallError) -> FileLock {
        while true {
            let fd = try openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            try lock(fd, shared ? LOCK_SH : LOCK_EX, path)
            if try isStill(fd, at: path) { return FileLock(fd) }
        }
    }

    private static func lock(
        _ fd: borrowing OwnedFD,
        _ operation: CInt,
        _ path: FilePath
    ) throws(SyscallError) {
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("flock", on: path.string) { flock(fd, operation) }
        }
    }

    /// False when the earlier holder deleted the file: then what we locked is nobody's lock.
    private static func isStill(
        _ fd: borrowing OwnedFD,
        at path: FilePath
    ) throws(SyscallError) -> Bool {
        let opened = try fd.status(subject: path.string)
        var named = stat()
        guard path.withPlatformString({ stat($0, &named) }) == 0 else { return false }
        return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
    }
}
