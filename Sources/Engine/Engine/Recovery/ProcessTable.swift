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

/// The processes of this program on the machine.
struct ProcessTable: Sendable {
    /// The keepers and supervisors that work in our folders.
    var ours: [OwnProcess] = []
    /// Containers of other state folders that have a keeper.
    var keptElsewhere: Set<String> = []

    /// Looks at every process there is.
    init(beneath layout: Layout) {
        // An unreadable /proc is one without processes of ours.
        for pid in ((try? Layout.entries(of: "/proc")) ?? []).compactMap({ Int32($0) }) {
            guard pid != getpid(), let arguments = Self.arguments(of: pid),
                let program = arguments.first, Self.isBerth(program)
            else { continue }
            switch Self.role(of: pid, layout) {
            case .ours(let role):
                let name = arguments.prefix(3).joined(separator: " ")
                ours.append(OwnProcess(pid: pid, name: name, role: role))
            case .elsewhere(let container): keptElsewhere.insert(container)
            case nil: break
            }
        }
    }

    private enum Place {
        case ours(OwnProcess.Role)
        case elsewhere(container: String)
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
    private static func role(of pid: Int32, _ layout: Layout) -> Place? {
        let folder = FilePath("/proc/\(pid)/fd")
        // As above: gone is gone.
        for name in (try? Layout.entries(of: folder)) ?? [] {
            guard let target = link(folder.appending(name)) else { continue }
            let components = target.components.map(\.string)
            if let index = components.lastIndex(of: "containers"), index + 1 < components.count,
                let id = ContainerID(components[index + 1])
            {
                return target.starts(with: layout.containers)
                    ? .ours(.keeper(container: id.text)) : .elsewhere(container: id.text)
            }
            if target.starts(with: layout.projects), components.last == "lock",
                components.count > 1
            {
                return .ours(.supervisor(project: components[components.count - 2]))
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
