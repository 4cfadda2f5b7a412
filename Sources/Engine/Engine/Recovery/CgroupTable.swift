import ContainerRuntime
import Linux
import SystemPackage

/// A cgroup that carries the id of a container.
struct OwnCgroup: Hashable, Sendable {
    var path: String
    var container: String
}

enum CgroupTable {
    /// The cgroups of our containers in every hierarchy that is mounted.
    static func ours() throws -> [OwnCgroup] {
        let roots = try MountInfo.current()
            .filter { $0.fileSystemType == "cgroup" || $0.fileSystemType == "cgroup2" }
            .map { FilePath($0.mountPoint) }
        return try Set(roots).sorted { $0.string < $1.string }.flatMap { root in
            try Layout.entries(of: root).filter { $0.hasPrefix("berth") }
                .flatMap { try search(root.appending($0), depth: 0) }
        }
    }

    /// Ours are `berth…/<project>/<id>`, or deeper; folders are groups, files are settings.
    private static func search(_ group: FilePath, depth: Int) throws -> [OwnCgroup] {
        let id = group.lastComponent.map { String($0.string.suffix(64)) } ?? ""
        if ContainerID(id) != nil { return [OwnCgroup(path: group.string, container: id)] }
        guard depth < 4 else { return [] }
        return try Layout.folders(in: group).flatMap {
            try search(group.appending($0), depth: depth + 1)
        }
    }
}
