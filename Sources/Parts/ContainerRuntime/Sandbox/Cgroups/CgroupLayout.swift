package import Linux
package import SystemPackage

/// Which cgroup hierarchies this machine has. cgroups(7)
package struct CgroupLayout: Hashable, Sendable {
    /// A v1 hierarchy: its mount point and the controllers of ours that it carries.
    package struct Hierarchy: Hashable, Sendable {
        package var mountPoint: FilePath
        package var controllers: Set<String>
    }

    /// Mount point of version 2.
    package var unified: FilePath?
    /// Hierarchies of version 1 with a controller that a container needs.
    package var legacy: [Hierarchy]

    /// How this machine has its cgroups mounted (cgroups(7)).
    package enum Kind: String, Hashable, Sendable {
        /// Version 2 alone.
        case unified
        /// Controllers on version 1, and version 2 beside them.
        case hybrid
        /// Version 1 alone.
        case legacy
        case none
    }

    /// The arrangement in a word.
    package var kind: Kind {
        switch (unified != nil, legacy.isEmpty) {
        case (true, true): .unified
        case (true, false): .hybrid
        case (false, false): .legacy
        case (false, true): .none
        }
    }

    /// What a container is accounted, limited and confined by; others (hugetlb, net_cls, …) and
    /// named hierarchies are left alone.
    static let controllers: Set<String> = [
        "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids",
    ]

    /// Reads the mounts of this process.
    package static func current() throws(SyscallError) -> CgroupLayout {
        CgroupLayout(mounts: try MountInfo.current())
    }

    /// Finds the hierarchies among mounts; of several mounts of one, the first.
    package init(mounts: [MountInfo]) {
        unified = mounts.first { $0.fileSystemType == "cgroup2" }.map { FilePath($0.mountPoint) }
        legacy = []
        var seen: Set<String> = []
        for mount in mounts where mount.fileSystemType == "cgroup" {
            let controllers = Self.controllers.intersection(mount.superOptions)
            if controllers.isEmpty || !seen.insert(mount.device).inserted { continue }
            legacy.append(
                Hierarchy(mountPoint: FilePath(mount.mountPoint), controllers: controllers)
            )
        }
    }

    /// Where a controller of version 1 is; nil leaves it to version 2.
    func legacyMountPoint(of controller: String) -> FilePath? {
        legacy.first { $0.controllers.contains(controller) }?.mountPoint
    }

    /// Every hierarchy's mount point, version 2 first.
    var mountPoints: [FilePath] { (unified.map { [$0] } ?? []) + legacy.map(\.mountPoint) }
}
