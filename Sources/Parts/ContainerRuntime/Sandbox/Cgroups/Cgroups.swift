import Glibc
package import Linux
import OCI
package import SystemPackage

/// The cgroups of containers: `/berth/project-<name>/<container>` in every hierarchy the machine
/// has. The path names the owner, so that what a crash left can be found.
package struct Cgroups: Sendable {
    package let layout: CgroupLayout
    /// Name of our topmost group.
    let top: String

    /// Where state is unless somebody says otherwise.
    package static let defaultRoot: FilePath = "/var/lib/berth"

    /// Uses the hierarchies of a layout.
    package init(layout: CgroupLayout, top: String = "berth") {
        self.layout = layout
        self.top = top
    }

    /// Uses the hierarchies of this machine, for containers whose state is beneath `root`: another
    /// state folder has another topmost group, so that nobody takes its groups for leftovers.
    package static func detect(
        root: FilePath = defaultRoot
    ) throws(RuntimeError) -> Cgroups {
        let suffix = root == defaultRoot ? "" : "-\(Digest.of(root.string.utf8).hex.prefix(8))"
        do throws(SyscallError) {
            return Cgroups(layout: try CgroupLayout.current(), top: "berth\(suffix)")
        } catch {
            throw RuntimeError(container: "", message: "cannot find the cgroups: \(error)")
        }
    }

    /// Makes the groups of a container, empty, with its limits and device rules in force. A limit
    /// that the machine lacks or this process may not set becomes a warning; anything else that
    /// fails undoes everything.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    package func create(
        _ id: ContainerID,
        parent: String,
        limits: ResourceLimits,
        devices: [DeviceRule] = DeviceRule.defaults
    ) throws(RuntimeError) -> ContainerCgroup {
        guard layout.kind != .none else {
            throw RuntimeError(
                container: "",
                message: "no cgroup file system is mounted",
                hint: "mount one: mount -t cgroup2 none /sys/fs/cgroup"
            )
        }
        let place = try CgroupPlace(top: top, parent: parent, id: id, beneath: limits.cgroupParent)
        do {
            var warnings: [String] = []
            try checkRealtime(limits)
            try makeNew(place, of: id, limits)
            try apply(limits, in: place, &warnings)
            try confine(place, devices)
            return try ContainerCgroup(layout, place, warnings: warnings)
        } catch {
            let left = removeAll(place)
            let also = left.map { "; and \($0)" } ?? ""
            if var error = error as? RuntimeError {
                error.message += also
                throw error
            }
            throw RuntimeError(container: "", message: "cannot make its cgroup: \(error)\(also)")
        }
    }

    /// The groups of a container that were made earlier, by whichever process; nil without any.
    package func find(_ id: ContainerID) throws(RuntimeError) -> ContainerCgroup? {
        guard let entry = entry(of: id) else { return nil }
        do throws(SyscallError) {
            return try ContainerCgroup(layout, entry.place(top: top, id: id), warnings: [])
        } catch {
            throw RuntimeError(container: "", message: "cannot open its cgroup: \(error)")
        }
    }

    /// The first of a container's groups, without a listing of all groups where it can be: every `exec`
    /// asks for one.
    private func entry(of id: ContainerID) -> CgroupEntry? {
        for mountPoint in layout.mountPoints {
            let folder = mountPoint.appending(top)
            let entry = CgroupFolder.children(folder).lazy
                .map { (project: $0, path: folder.appending($0).appending(id.text)) }
                .first { access($0.path.string, F_OK) == 0 }
            if let entry {
                return CgroupEntry(path: entry.path, project: entry.project, container: id)
            }
        }
        // It may be beneath a parent that the user named.
        return entries().first { $0.container == id }
    }

    /// Kills what a crash left of a container and removes its groups. Blocks until they are gone,
    /// a few seconds at most; without any it does nothing.
    package func killAndRemove(_ id: ContainerID) throws(RuntimeError) {
        guard let group = try find(id) else { return }
        do throws(SyscallError) {
            try group.killAndRemove()
        } catch {
            throw RuntimeError(container: "", message: "cannot remove its cgroup: \(error)")
        }
    }

    /// Every group of ours, the topmost among them, in every hierarchy.
    package func entries() -> [CgroupEntry] {
        layout.mountPoints.flatMap { mountPoint -> [CgroupEntry] in
            let folder = mountPoint.appending(top)
            guard let projects = CgroupFolder.childrenIfAny(folder) else { return [] }
            let topmost = CgroupEntry(path: folder, project: "", container: nil)
            return projects.reduce(into: [topmost]) { entries, project in
                let path = folder.appending(project)
                entries.append(CgroupEntry(path: path, project: project, container: nil))
                entries += CgroupFolder.children(path).map { name in
                    CgroupEntry(
                        path: path.appending(name),
                        project: project,
                        container: CgroupPlace.container(of: name)
                    )
                }
            }
        }
    }

    /// Removes the groups of projects without containers, and the topmost without projects; gives
    /// those that it removed. A container that is being made meanwhile makes its groups again.
    @discardableResult
    package func removeEmpty() -> [FilePath] {
        layout.mountPoints.flatMap { mountPoint in
            let folder = mountPoint.appending(top)
            let projects = CgroupFolder.children(folder).map { folder.appending($0) }
            // The kernel removes none that has a process or another group in it.
            return (projects + [folder]).filter { rmdir($0.string) == 0 }
        }
    }

    /// Removes a group that nobody needs any more, with what is empty above it. False: there are
    /// processes in it.
    package func remove(_ entry: CgroupEntry) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            let project = entry.path.removingLastComponent()
            let top = project.removingLastComponent()
            try CgroupFolder.remove([top.removingLastComponent(), top, project, entry.path])
            return true
        } catch  where error.errno == EBUSY {
            return false
        }
    }

    /// A keeper that was killed may have left processes that do not end with their init.
    private func makeNew(
        _ place: CgroupPlace,
        of id: ContainerID,
        _ limits: ResourceLimits
    ) throws {
        do throws(SyscallError) {
            return try make(place, limits)
        } catch {
            guard error.errno == EBUSY else { throw error }
        }
        try killAndRemove(id)
        try make(place, limits)
    }

    /// Makes its folders; unless `mustBeNew`, those that are there stay.
    func make(
        _ place: CgroupPlace,
        _ limits: ResourceLimits,
        mustBeNew: Bool = true
    ) throws(SyscallError) {
        if let signpost = place.signpost(below: layout.mountPoints) {
            try CgroupFolder.make(signpost, lastIsNew: false, nil)
        }
        for mountPoint in layout.mountPoints {
            let isUnified = mountPoint == layout.unified
            let hasCPUSet = layout.legacyMountPoint(of: "cpuset") == mountPoint
            let wanted = isUnified ? unifiedControllers(limits) : []
            let levels = place.levels(below: mountPoint)
            guard isUnified || hasCPUSet else {
                try CgroupFolder.make(levels, lastIsNew: mustBeNew, nil)
                continue
            }
            try CgroupFolder.make(levels, lastIsNew: mustBeNew) {
                parent,
                folder throws(SyscallError) in
                if isUnified { CgroupFolder.enable(wanted, in: parent) }
                if hasCPUSet { try CgroupFolder.inheritCPUSet(from: parent, to: folder) }
            }
        }
    }

    private func removeAll(_ place: CgroupPlace) -> SyscallError? {
        var failure: SyscallError?
        for levels in place.removed(below: layout.mountPoints) {
            do throws(SyscallError) {
                try CgroupFolder.remove(levels)
            } catch {
                failure = failure ?? error
            }
        }
        return failure
    }
}

/// A group of ours in one hierarchy, found by looking.
package struct CgroupEntry: Hashable, Sendable {
    package var path: FilePath
    /// The folder of its project (`project-shop`); empty for the topmost group.
    package var project: String
    /// nil for the topmost and a project's group, and for a folder with a name that is no container's.
    package var container: ContainerID?

    /// Where its container's groups are.
    func place(top: String, id: ContainerID) -> CgroupPlace {
        CgroupPlace(top: top, found: self, id: id)
    }
}

extension [CgroupEntry] {
    /// Those of a whole listing that are no container's and have no other group in them.
    package var unused: [CgroupEntry] {
        let used = Set(map { $0.path.removingLastComponent() })
        return filter { $0.container == nil && !used.contains($0.path) }
    }
}
