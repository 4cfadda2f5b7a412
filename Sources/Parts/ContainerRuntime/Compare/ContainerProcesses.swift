import Glibc
import Linux
import SystemPackage

/// The processes of a container, found without its cgroups.
enum ContainerProcesses {
    /// How many children are looked at: what moves a container moves its first processes, too.
    private static let looked = 8

    /// Its init and the first processes that that has started: those that a look costs little for.
    static func first(ofInit pid: Int32) throws(SyscallError) -> [Int32] {
        let path = FilePath("/proc/\(pid)/task/\(pid)/children")
        do throws(SyscallError) {
            let text = String(decoding: try readFile(path, limit: 64 << 10), as: UTF8.self)
            let children = text.split(separator: " ").compactMap { Int32($0) }
            return [pid] + children.lazy.filter(isRunning).prefix(looked)
        } catch  where error.errno == ENOENT && access("/proc/\(pid)", F_OK) == 0 {
            // A kernel without CONFIG_PROC_CHILDREN.
            return [pid]
        }
    }

    /// False for one that has ended and that nobody has waited for: it is in no group any more.
    private static func isRunning(_ pid: Int32) -> Bool {
        // `try?`: one that cannot be looked at is gone.
        (try? ProcessStat(of: pid).isExiting()) == false
    }

    /// Everything in its pid namespace, and what is in namespaces below. Where it shares that with
    /// others: what is in its mount namespace, which is its own.
    static func all(ofInit pid: Int32) throws(SyscallError) -> [Int32] {
        let kind = try isFirst(pid) ? "pid" : "mnt"
        let own = try namespace(kind, of: pid)
        let entries = try folderEntries("/proc").compactMap { Int32($0) }
        var parents: [Int32: Int32] = [:]
        var found: Set<Int32> = []
        for other in entries {
            // `try?`: it may end while we look.
            guard let space = try? namespace(kind, of: other) else { continue }
            if space == own { found.insert(other) }
            parents[other] = try? ProcessStat(of: other).parent()
        }
        var hasGrown = true
        while hasGrown {
            let below = parents.filter { found.contains($0.value) && !found.contains($0.key) }
            found.formUnion(below.keys)
            hasGrown = !below.isEmpty
        }
        return found.sorted()
    }

    /// Whether a process is the first of its pid namespace: the last number that it has, proc(5).
    private static func isFirst(_ pid: Int32) throws(SyscallError) -> Bool {
        let text = String(
            decoding: try readFile(FilePath("/proc/\(pid)/status"), limit: 64 << 10),
            as: UTF8.self
        )
        let line = text.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        return line?.split(whereSeparator: \.isWhitespace).last == "1"
    }

    private static func namespace(_ kind: String, of pid: Int32) throws(SyscallError) -> ino_t {
        var status = stat()
        let path = "/proc/\(pid)/ns/\(kind)"
        _ = try syscall("stat", on: path) { stat(path, &status) }
        return status.st_ino
    }
}
