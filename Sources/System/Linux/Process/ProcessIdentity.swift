import Glibc
import Synchronization
import SystemPackage

/// What identifies a process in a record that outlives us: a number alone is given out again.
package struct ProcessIdentity: Hashable, Codable, Sendable {
    package var pid: Int32
    /// Clock ticks after boot; field 22 of `/proc/<pid>/stat`.
    package var startTime: UInt64
    package var bootID: String

    package init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    /// The identity of a living process.
    package init(of pid: Int32) throws(SyscallError) {
        self.init(
            pid: pid,
            startTime: try ProcessStat(of: pid).startTime(),
            bootID: try Linux.bootID()
        )
    }

    /// Opens the process if it is still the same one; nil when it is gone.
    package func open() throws(SyscallError) -> ProcessFD? {
        guard try Linux.bootID() == bootID else { return nil }
        do throws(SyscallError) {
            // First the pidfd, then the check: whoever owns the number now is held by the pidfd.
            let process = try ProcessFD(opening: pid)
            return try ProcessStat(of: pid).startTime() == startTime ? process : nil
        } catch  where error.errno == ESRCH || error.errno == ENOENT {
            return nil
        }
    }
}

/// The running kernel's boot: a UUID that changes with every boot. Read once in a process.
package func bootID() throws(SyscallError) -> String {
    if let known = knownBoot.withLock(\.self) { return known }
    let bytes = try readFile("/proc/sys/kernel/random/boot_id", limit: 256)
    let boot = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    knownBoot.withLock { $0 = boot }
    return boot
}

private let knownBoot = Mutex<String?>(nil)
