import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// The folder of one build, `<root>/build/tmp/<id>`, and the lock that says that it lives.
///
/// The lock is made before the folder and removed after it, so that every folder whose lock is
/// free belongs to a build that was killed.
struct BuildWorkspace: Sendable {
    let folder: FilePath
    private let lockPath: FilePath
    private let lock: FileLock

    private static let lockSuffix = ".lock"

    /// Makes a new one beneath `parent`.
    init(in parent: FilePath) throws(SyscallError) {
        try makeDirectories(parent)
        while true {
            let id = String(UInt64.random(in: .min ... .max), radix: 36)
            let path = parent.appending(id + Self.lockSuffix)
            // Another build that cleans up may have taken the lock file as soon as it was made.
            guard let lock = try FileLock.tryAcquire(path) else { continue }
            self.lock = lock
            lockPath = path
            folder = parent.appending(id)
            break
        }
        try makeDirectories(folder)
    }

    /// Where the folder of a step is.
    func stepFolder(_ name: String) -> FilePath { folder.appending(name) }

    /// Makes a folder for one step, with an empty upper folder in it.
    func makeStep(_ name: String) throws -> (folder: FilePath, upper: FilePath) {
        let step = stepFolder(name)
        let upper = step.appending("upper")
        try makeDirectories(step)
        try makeDirectories(upper, mode: 0o755)
        // What the umask took away belongs to the root of the image.
        _ = try syscall("chmod", on: upper.string) {
            upper.withPlatformString { chmod($0, 0o755) }
        }
        return (step, upper)
    }

    /// The lock for a program that works in the folder: it is abandoned only when that has ended, too.
    func shareLock() throws(SyscallError) -> SharedFD { try lock.share() }

    func remove() throws(SyscallError) {
        try removeTree(folder)
        try removeTree(lockPath)
    }

    /// Whether there is anything beneath `parent` of a build that was killed.
    static func hasAbandoned(in parent: FilePath) throws(SyscallError) -> Bool {
        for name in try names(parent) where name.string.hasSuffix(lockSuffix) {
            if try FileLock.tryAcquire(parent.appending(name)) != nil { return true }
        }
        return false
    }

    /// Removes what killed builds left beneath `parent`: their containers end first.
    static func removeAbandoned(in parent: FilePath, runtime: ContainerRuntime) async throws {
        for name in try names(parent) where name.string.hasSuffix(lockSuffix) {
            let lockPath = parent.appending(name)
            guard let lock = try FileLock.tryAcquire(lockPath) else { continue }
            let id = String(name.string.dropLast(lockSuffix.count))
            let folder = parent.appending(id)
            for step in try names(folder) {
                guard let id = ContainerID(step.string) else { continue }
                let directory = folder.appending(step)
                if let running = try runtime.adopt(id, name: id.short, in: directory) {
                    try runtime.kill(running, signal: SIGKILL)
                    _ = try await running.wait()
                }
                try runtime.cleanUp(id, in: directory)
            }
            try await blocking { () throws(SyscallError) in
                try removeTree(folder)
                try removeTree(lockPath)
            }
            withExtendedLifetime(lock) {}
        }
    }

    private static func names(_ path: FilePath) throws(SyscallError) -> [FilePath.Component] {
        do throws(SyscallError) {
            return try openFile(path, O_RDONLY | O_DIRECTORY).entryNames()
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return []
        }
    }
}
