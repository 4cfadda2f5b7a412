import CLinux
import Glibc
import Linux
import SystemPackage

/// A user namespace in which nobody lives: it says which identifiers the files of a mount have.
enum IdentifierNamespace {
    /// Makes one by a keeper that is in it for a moment, since only a process with a single thread
    /// can. It lives as long as the descriptor, or what uses it. Blocks for a moment.
    static func make(
        users: IdentifierMap,
        groups: IdentifierMap,
        by program: KeeperProgram
    ) throws(SyscallError) -> SharedFD {
        try make(users: users.text, groups: groups.text, with: 0, by: program).users
    }

    /// A user namespace, and others that belong to it.
    struct Made: Sendable {
        var users: SharedFD
        /// nil where it was not asked for.
        var network: SharedFD?
        var names: SharedFD?
    }

    /// The same with maps as user_namespaces(7) writes them, and with others: CLONE_NEW* of the
    /// network's and of that of host names.
    static func make(
        users: String,
        groups: String,
        with others: UInt64,
        by program: KeeperProgram
    ) throws(SyscallError) -> Made {
        let keeper = try start(program, others)
        let size = MemoryLayout<keeper_event>.size
        let bytes = try keeper.report.duplicate().readSome(upTo: size)
        var event: keeper_event?
        if bytes.count == size {
            event = bytes.withUnsafeBytes { $0.loadUnaligned(as: keeper_event.self) }
        }
        guard let event, event.kind == KeeperEventKind.started.rawValue else {
            let error = event?.error ?? EIO
            throw SyscallError(call: "unshare", subject: "user namespace", errno: error)
        }
        let folder = FilePath("/proc/\(keeper.process.pid)")
        for (name, map) in [("uid_map", users), ("gid_map", groups)] {
            let file = try openFile(folder.appending(name), O_WRONLY)
            try file.writeAll(Array(map.utf8))
        }
        func open(_ name: String, _ flag: CInt) throws(SyscallError) -> SharedFD? {
            guard others & UInt64(flag) != 0 else { return nil }
            return SharedFD(try openFile(folder.appending("ns/\(name)"), O_RDONLY))
        }
        let made = Made(
            users: SharedFD(try openFile(folder.appending("ns/user"), O_RDONLY)),
            network: try open("net", CLONE_NEWNET),
            names: try open("uts", CLONE_NEWUTS)
        )
        guard keeper.process.isAlive else {
            throw SyscallError(call: "open", subject: "user namespace", errno: ESRCH)
        }
        return withExtendedLifetime(keeper.control) { made }
    }

    /// The ends of its pipes that are the keeper's are closed here when it has them.
    private static func start(
        _ program: KeeperProgram,
        _ others: UInt64
    ) throws(SyscallError) -> (process: ProcessFD, report: SharedFD, control: SharedFD) {
        var report = try Pipe.make()
        var control = try Pipe.make()
        var builder = SpecBuilder()
        builder.fields.mode = KeeperMode.userNamespace.rawValue
        builder.fields.namespaces = others
        let spec = try Memfd.sealed(builder.finish(), name: "berth-keeper-spec")
        let process = try KeeperProcess.start(
            program,
            name: "user namespace",
            [
                KeeperFD.spec.rawValue: SharedFD(spec),
                KeeperFD.report.rawValue: SharedFD(report.takeWriter()),
                KeeperFD.control.rawValue: SharedFD(control.takeReader()),
            ]
        )
        // Ends when its control does, which nobody cancels.
        Task { _ = try await process.exitStatus() }
        return (process, SharedFD(report.takeReader()), SharedFD(control.takeWriter()))
    }
}
