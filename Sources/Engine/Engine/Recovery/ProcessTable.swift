import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// A process of ours, found by what it has open and not by its name: another installation's
/// processes look the same.
struct OwnProcess: Hashable, Sendable {
    var pid: Int32
    /// Its first arguments, for people.
    var name: String
    var role: Role

    enum Role: Hashable, Sendable {
        /// Has a container's folder open.
        case keeper(container: String)
        /// Holds a project's supervisor lock.
        case supervisor(project: String)
    }
}

enum ProcessTable {
    /// The keepers and supervisors that work in these folders.
    static func ours(beneath layout: Layout) -> [OwnProcess] {
        // An unreadable /proc is one without processes of ours.
        let pids = ((try? folderEntries("/proc")) ?? []).compactMap { Int32($0) }
        return pids.compactMap { pid in
            guard pid != getpid(), let arguments = arguments(of: pid),
                let program = arguments.first, isBerth(program), let role = role(of: pid, layout)
            else { return nil }
            let name = arguments.prefix(3).joined(separator: " ")
            return OwnProcess(pid: pid, name: name, role: role)
        }
    }

    private static func isBerth(_ program: String) -> Bool {
        FilePath(program).lastComponent?.string.hasPrefix("berth") ?? false
    }

    private static func arguments(of pid: Int32) -> [String]? {
        // It may end while we look; then it is nothing to report.
        let bytes = try? readFile(FilePath("/proc/\(pid)/cmdline"), limit: 1 << 20)
        return bytes?.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What it works for, by the first of its open files that tells.
    private static func role(of pid: Int32, _ layout: Layout) -> OwnProcess.Role? {
        let folder = "/proc/\(pid)/fd"
        // As above: gone is gone.
        for name in (try? folderEntries(FilePath(folder))) ?? [] {
            guard let target = link("\(folder)/\(name)") else { continue }
            if let id = first(of: target, below: layout.containers).flatMap({ ContainerID($0) }) {
                return .keeper(container: id.text)
            }
            if target.hasSuffix("/lock"), let project = first(of: target, below: layout.projects) {
                return .supervisor(project: project)
            }
        }
        return nil
    }

    /// The name after a folder's in a path. By the bytes: a machine with many containers has tens of
    /// thousands of open files, and each is looked at.
    private static func first(of path: String, below folder: FilePath) -> String? {
        let start = folder.string + "/"
        guard path.utf8.starts(with: start.utf8) else { return nil }
        let name = path.utf8.dropFirst(start.utf8.count).prefix { $0 != UInt8(ascii: "/") }
        return name.isEmpty ? nil : String(name)
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
