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
        let folder = FilePath("/proc/\(pid)/fd")
        // As above: gone is gone.
        for name in (try? folderEntries(folder)) ?? [] {
            guard let target = link(folder.appending(name)) else { continue }
            if target.starts(with: layout.containers) {
                let rest = target.components.dropFirst(layout.containers.components.count)
                if let id = rest.first.flatMap({ ContainerID($0.string) }) {
                    return .keeper(container: id.text)
                }
            }
            if target.starts(with: layout.projects), target.lastComponent == "lock" {
                let rest = target.components.dropFirst(layout.projects.components.count)
                if let project = rest.first { return .supervisor(project: project.string) }
            }
        }
        return nil
    }

    private static func link(_ path: FilePath) -> FilePath? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = path.withPlatformString { readlink($0, &buffer, buffer.count - 1) }
        guard count > 0 else { return nil }
        return buffer.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { FilePath(platformString: $0) }
        }
    }
}
