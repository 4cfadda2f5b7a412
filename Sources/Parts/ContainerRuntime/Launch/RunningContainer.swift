import CLinux
import Glibc
package import Linux
package import SystemPackage

/// A container that runs, held by pidfds of its init and of its keeper.
package final class RunningContainer: Sendable {
    package let id: ContainerID
    package let name: String
    package let directory: FilePath
    package let initPID: Int32
    package var keeperPID: Int32 { keeper.pid }
    /// Nanoseconds since 1970.
    package let startedAtNanoseconds: Int64
    /// What could not be done as asked, in words: a limit the caller may not set, …
    package let warnings: [String]

    let keeper: ProcessFD
    /// nil when it ended before it was adopted and its keeper is about to say so.
    let initProcess: ProcessFD?
    let folder: ContainerFolder
    private let cgroups: Cgroups

    init(
        id: ContainerID,
        name: String,
        folder: ContainerFolder,
        cgroups: Cgroups,
        keeper: ProcessFD,
        initProcess: ProcessFD?,
        initPID: Int32,
        startedAtNanoseconds: Int64,
        warnings: [String]
    ) {
        self.id = id
        self.name = name
        self.folder = folder
        self.cgroups = cgroups
        directory = folder.path
        self.keeper = keeper
        self.initProcess = initProcess
        self.initPID = initPID
        self.startedAtNanoseconds = startedAtNanoseconds
        self.warnings = warnings
    }

    /// Whether its init lives.
    package var isAlive: Bool { initProcess?.isAlive ?? false }

    /// Returns after the end, when the log is complete and the exit record written. A container
    /// whose keeper was killed is killed too and gives `.lost`.
    package func wait() async throws -> ExitRecord {
        try await keeper.waitForExit()
        // A keeper that gave up all rights may not write where the topmost group lies.
        cgroups.removeEmpty()
        if let record = try folder.readExit() { return record }
        if let initProcess, try initProcess.signal(SIGKILL) {
            try await initProcess.waitForExit()
        }
        // Without a pid namespace of its own nothing else ends with its init.
        let (cgroups, id, name) = (cgroups, id, name)
        try await blocking { () throws(RuntimeError) in
            try RuntimeError.naming(name) { () throws(RuntimeError) in
                try cgroups.killAndRemove(id)
            }
        }
        return .lost(startedAtNanoseconds: startedAtNanoseconds)
    }

    /// Its file system as it sees it, with everything that is mounted there.
    package func root() throws -> Root {
        guard let initProcess, initProcess.isAlive else { throw notRunning }
        guard let folder = try Self.openRoot(of: initProcess.pid) else { throw notRunning }
        // The number was the init's while its root was opened by it.
        guard initProcess.isAlive else { throw notRunning }
        return Root(folder, name: name)
    }

    /// Its users, where they are not the host's.
    package func users() throws -> RunningUsers? {
        guard let initProcess, initProcess.isAlive else { throw notRunning }
        let users = try RunningUsers.of(initProcess.pid)
        // The number was the init's while they were looked up by it.
        guard initProcess.isAlive else { throw notRunning }
        return users
    }

    /// nil where the process has ended.
    private static func openRoot(of pid: Int32) throws(SyscallError) -> SharedFD? {
        do throws(SyscallError) {
            return SharedFD(
                try openFile(FilePath("/proc/\(pid)/root"), O_PATH | O_DIRECTORY)
            )
        } catch  where error.errno == ENOENT || error.errno == ESRCH {
            return nil
        }
    }

    /// The network namespace of its init, for adoption; nil with the host's network.
    package func netns() throws -> SharedFD? {
        guard let initProcess, initProcess.isAlive else {
            throw notRunning
        }
        let host = try namespaceNumber(of: "self")
        guard try namespaceNumber(of: "\(initProcess.pid)") != host else { return nil }
        return try ChildProcess.netns(of: initProcess)
    }

    /// The host name that it was started with.
    func hostname() throws(SyscallError) -> String {
        let bytes = try readFile(folder.hostname, limit: 1024)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// pidfd of its init, for setns(2).
    func process() throws -> SharedFD {
        guard let initProcess, initProcess.isAlive else { throw notRunning }
        return try initProcess.share()
    }

    /// Why something cannot be done with a container that has ended or is ending.
    var notRunning: RuntimeError {
        RuntimeError(container: name, message: "it is not running any more")
    }

    private func namespaceNumber(of process: String) throws -> ino_t {
        var status = stat()
        let path = "/proc/\(process)/ns/net"
        _ = try syscall("stat", on: path) { stat(path, &status) }
        return status.st_ino
    }
}
