import Glibc
import Linux
import SystemPackage

/// One process of a container as listings show it: what proc(5) says of it at one moment.
package struct ContainerProcess: Sendable {
    /// By the machine's count, not the container's.
    package var pid: Int32
    /// The number of its parent, by the machine's count too.
    package var parent: Int32
    /// As this machine's own accounts call it; the number where they do not.
    package var user: String
    /// `S`, `R`, `D`, …
    package var state: String
    /// A device number; 0 without one.
    package var terminal: UInt32
    /// Nanoseconds that it has computed for.
    package var computedNanoseconds: UInt64
    /// When it started, in nanoseconds since 1970, and how long ago that is.
    package var startedAtNanoseconds: Int64
    package var ageNanoseconds: Int64
    /// How many threads it has.
    package var threads: Int
    /// -20 to 19.
    package var nice: Int
    /// Bytes that it can address.
    package var virtualBytes: UInt64
    /// Bytes of memory that it has.
    package var residentBytes: UInt64
    /// Of the machine's memory, in per cent.
    package var memoryShare: Double
    /// The name of its program, 15 bytes at most.
    package var name: String
    /// Its arguments; empty for one that has none to show.
    package var arguments: [String]

    /// - Throws: ENOENT or ESRCH when it is gone.
    init(of pid: Int32, _ accounts: MachineAccounts) throws(SyscallError) {
        let counts = try ProcessStat(of: pid)
        self.pid = pid
        parent = try counts.parent()
        state = try counts.state()
        terminal = try counts.terminal()
        threads = try counts.threads()
        nice = try counts.nice()
        let memory = try counts.memory()
        virtualBytes = memory.virtualBytes
        residentBytes = memory.residentPages * UInt64(sysconf(CInt(_SC_PAGESIZE)))
        memoryShare = Double(residentBytes) / Double(max(1, Machine.memoryBytes)) * 100
        let tick = 1_000_000_000 / UInt64(sysconf(CInt(_SC_CLK_TCK)))
        computedNanoseconds = try counts.computedTicks() * tick
        var sinceBoot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        let up = Int64(sinceBoot.tv_sec) * 1_000_000_000 + Int64(sinceBoot.tv_nsec)
        ageNanoseconds = max(0, up - Int64(clamping: try counts.startTime() * tick))
        startedAtNanoseconds = wallClockNanoseconds() - ageNanoseconds
        let folder = "/proc/\(pid)"
        var owner = stat()
        _ = try syscall("stat", on: folder) { stat(folder, &owner) }
        user = accounts.name(of: owner.st_uid)
        let bytes = try readFile(FilePath("\(folder)/cmdline"), limit: 64 << 10)
        arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let comm = try readFile(FilePath("\(folder)/comm"), limit: 64)
        name = String(decoding: comm.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// The accounts of this machine, not those of an image.
struct MachineAccounts {
    private var names: [UInt32: String] = [:]

    init() {
        // `try?`: without the file numbers stand for names.
        guard let bytes = try? readFile("/etc/passwd", limit: 1 << 20) else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, let number = UInt32(fields[2]), names[number] == nil else {
                continue
            }
            names[number] = String(fields[0])
        }
    }

    /// The number where there is no name, or one too long for the column of ps(1).
    func name(of number: UInt32) -> String {
        names[number].flatMap { $0.utf8.count <= 8 ? $0 : nil } ?? "\(number)"
    }
}

/// What this machine has.
enum Machine {
    /// 0 where the kernel does not say.
    static let memoryBytes =
        UInt64(max(0, sysconf(CInt(_SC_PHYS_PAGES)))) * UInt64(sysconf(CInt(_SC_PAGESIZE)))
}
