import CLinux
import Glibc
import Linux

/// A keeper that was spawned, and the pipes to it.
final class KeeperProcess: Sendable {
    let process: ProcessFD
    private let report: SharedFD
    private let control: FrameQueue

    private init(process: ProcessFD, report: SharedFD, control: SharedFD) {
        self.process = process
        self.report = report
        self.control = FrameQueue(UnixConnection(control))
    }

    /// Spawns one.
    ///
    /// `descriptors` are what it finds beside the pipes; `name` shows in the process list.
    static func spawn(
        _ program: KeeperProgram,
        name: String,
        spec: [UInt8],
        descriptors: [CInt: SharedFD]
    ) throws(SyscallError) -> KeeperProcess {
        var report = try Pipe.make(flags: O_NONBLOCK)
        var control = try Pipe.socketPair()
        var descriptors = descriptors
        descriptors[KeeperFD.spec.rawValue] = SharedFD(
            try Memfd.sealed(spec, name: "berth-keeper-spec")
        )
        descriptors[KeeperFD.report.rawValue] = SharedFD(report.takeWriter())
        descriptors[KeeperFD.control.rawValue] = SharedFD(control.takeReader())
        descriptors[KeeperFD.starter.rawValue] = try ProcessFD(opening: getpid()).share()

        let process = try start(program, name: name, descriptors)
        // Ends with the keeper, which nobody cancels: it must be reaped whoever waits for it.
        Task { _ = try await process.exitStatus() }
        return KeeperProcess(
            process: process,
            report: SharedFD(report.takeReader()),
            control: SharedFD(control.takeWriter())
        )
    }

    /// Executes the sealed copy of the program.
    static func start(
        _ program: KeeperProgram,
        name: String,
        _ descriptors: [CInt: SharedFD]
    ) throws(SyscallError) -> ProcessFD {
        let sealed = try program.sealed()
        do throws(SyscallError) {
            return try execute(sealed, name: name, descriptors)
        } catch  where error.errno == EACCES {
            return try execute(program.renewed(insteadOf: sealed), name: name, descriptors)
        }
    }

    private static func execute(
        _ sealed: SharedFD,
        name: String,
        _ descriptors: [CInt: SharedFD]
    ) throws(SyscallError) -> ProcessFD {
        var request = sealed.with {
            SpawnRequest(
                program: "/proc/self/fd/\($0)",
                arguments: ["berth-keeper", name]
            )
        }
        request.descriptors = descriptors
        return try withExtendedLifetime(sealed) { () throws(SyscallError) in
            try Linux.spawn(request)
        }
    }

    /// What it says next; nil when it has nothing to say any more.
    func nextEvent() async throws -> keeper_event? {
        let size = MemoryLayout<keeper_event>.size
        let bytes = try await report.read(upTo: size)
        guard bytes.count == size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: keeper_event.self) }
    }

    /// Tells it something that is the starter's to say. False: nobody hears it any more, so that what it asks for is not done.
    func send(_ message: KeeperMessage) async throws -> Bool { try await control.send(message) }
}

extension ProcessFD {
    /// The pidfd once more, for another process.
    func share() throws(SyscallError) -> SharedFD {
        try with { fd throws(SyscallError) in
            SharedFD(
                taking: try syscall("fcntl", on: "F_DUPFD_CLOEXEC") {
                    berth_fcntl(fd, F_DUPFD_CLOEXEC, 3)
                }
            )
        }
    }
}
