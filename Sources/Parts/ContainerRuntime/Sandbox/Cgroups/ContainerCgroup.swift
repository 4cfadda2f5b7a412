import CLinux
import Glibc
package import Linux
package import SystemPackage

/// The cgroups of one container, open.
package struct ContainerCgroup: Sendable {
    /// What could not be applied, a sentence each.
    package let warnings: [String]
    /// The container's folder of version 2, for CLONE_INTO_CGROUP.
    package let directory: SharedFD?
    /// `tasks` of each version 1 hierarchy, open for writing. The process joins by writing "0"
    /// itself, still single-threaded: that, unlike a pid in `cgroup.procs`, needs no lock over all
    /// processes of the machine, whose first use costs milliseconds.
    package let joins: [SharedFD]
    /// `cgroup.kill` (Linux 5.14), open for writing: "1" kills everything inside.
    package let kill: SharedFD?
    /// `memory.events` (v2) or `memory.oom_control` (v1), open for reading: the line `oom_kill N`.
    package let oomEvents: SharedFD?
    /// Folders to remove when the container is gone, each before its parent; shared ones at the
    /// end may not be empty.
    package let paths: [FilePath]
    /// What the container sees of cgroups: its own folders and where they are bound in it. Version
    /// 2 alone is `/sys/fs/cgroup` itself; else each hierarchy is there by its name and, where it
    /// carries several controllers, by theirs.
    package let binds: [(source: FilePath, target: String)]

    /// What one in the host's cgroup namespace sees: with version 2 alone everybody's, as with Docker.
    package let hostBinds: [(source: FilePath, target: String)]

    /// The container's folder in every hierarchy, version 2 first.
    let folders: [FilePath]
    /// As `CgroupPlace` has it.
    private let removed: [[FilePath]]
    /// Where `cgroup.procs` counts: version 2 when there is one.
    private let primary: FilePath
    private let freezer: Freezer?

    private enum Freezer { case unified(FilePath), legacy(FilePath) }

    init(
        _ layout: CgroupLayout,
        _ place: CgroupPlace,
        warnings: [String]
    ) throws(SyscallError) {
        self.warnings = warnings
        let leaf = { (mountPoint: FilePath) in place.leaf(below: mountPoint) }
        folders = layout.mountPoints.map(leaf)
        primary = folders.first ?? "/"
        directory = try layout.unified.map { path throws(SyscallError) in
            try CgroupFolder.open(leaf(path))
        }
        joins = try layout.legacy.map { hierarchy throws(SyscallError) in
            SharedFD(try openFile(leaf(hierarchy.mountPoint).appending("tasks"), O_WRONLY))
        }
        kill = try layout.unified.flatMap { path throws(SyscallError) in
            try Self.openIfThere(leaf(path).appending("cgroup.kill"), O_WRONLY)
        }
        if let path = layout.legacyMountPoint(of: "memory") {
            oomEvents = try Self.openIfThere(leaf(path).appending("memory.oom_control"), O_RDONLY)
        } else if let path = layout.unified {
            oomEvents = try Self.openIfThere(leaf(path).appending("memory.events"), O_RDONLY)
        } else {
            oomEvents = nil
        }
        removed = place.removed(below: layout.mountPoints)
        paths = removed.flatMap { $0.dropFirst().reversed() }
        binds = Self.binds(layout, leaf)
        hostBinds = layout.legacy.isEmpty ? Self.binds(layout, { $0 }) : binds
        if let path = layout.unified {
            freezer = .unified(leaf(path))
        } else {
            freezer = layout.legacyMountPoint(of: "freezer").map { .legacy(leaf($0)) }
        }
    }

    static func openIfThere(
        _ path: FilePath,
        _ flags: CInt
    ) throws(SyscallError) -> SharedFD? {
        do throws(SyscallError) {
            return SharedFD(try openFile(path, flags))
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    private static func binds(
        _ layout: CgroupLayout,
        _ leaf: (FilePath) -> FilePath
    ) -> [(source: FilePath, target: String)] {
        let place = "/sys/fs/cgroup"
        let unified = layout.unified.map { leaf($0) }
        if layout.legacy.isEmpty { return unified.map { [($0, place)] } ?? [] }
        let legacy = layout.legacy.flatMap { hierarchy in
            let name = hierarchy.mountPoint.lastComponent?.string ?? ""
            return hierarchy.controllers.union([name]).sorted().map { name in
                (leaf(hierarchy.mountPoint), "\(place)/\(name)")
            }
        }
        return legacy + (unified.map { [($0, "\(place)/unified")] } ?? [])
    }

    /// Pids of the processes inside, also in groups below.
    package func processes() throws(SyscallError) -> [Int32] { try Self.processes(primary) }

    private static func processes(_ folder: FilePath) throws(SyscallError) -> [Int32] {
        do throws(SyscallError) {
            var pids = try CgroupFolder.read(folder.appending("cgroup.procs"))
                .split(separator: "\n").compactMap { Int32($0) }
            for child in CgroupFolder.children(folder) {
                pids += try processes(folder.appending(child))
            }
            return pids
        } catch  where error.errno == ENOENT || error.errno == ENODEV {
            return []
        }
    }

    /// How many processes the kernel killed here for want of memory.
    package func outOfMemoryKills() throws(SyscallError) -> Int {
        guard let oomEvents else { return 0 }
        let bytes = try oomEvents.readFromStart(limit: 64 << 10, subject: "memory events")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) } ?? 0
    }

    /// Removes the folders; EBUSY while a process is inside. What is gone already is no error.
    package func remove() throws(SyscallError) {
        for levels in removed { try CgroupFolder.remove(levels) }
    }

    /// Kills what is inside and removes the folders, trying again while processes are ending.
    func killAndRemove() throws(SyscallError) {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            if let kill { kill.with { _ = write($0, "1", 1) } } else { try killEach() }
            do throws(SyscallError) {
                return try remove()
            } catch {
                if error.errno != EBUSY || ContinuousClock.now > deadline { throw error }
                usleep(1000)
            }
        }
    }

    /// Whether somebody has stopped its processes with `setFrozen`.
    package var isFrozen: Bool {
        get throws(SyscallError) {
            switch freezer {
            case .unified(let folder):
                try CgroupFolder.read(folder.appending("cgroup.freeze")).hasPrefix("1")
            case .legacy(let folder):
                try !CgroupFolder.read(folder.appending("freezer.state")).hasPrefix("THAWED")
            case nil: false
            }
        }
    }

    /// Stops every process where it stands, or lets them go on. Returns when that is so.
    package func setFrozen(_ isFrozen: Bool) async throws {
        switch freezer {
        case .unified(let folder):
            try CgroupFolder.write(isFrozen ? "1" : "0", to: folder.appending("cgroup.freeze"))
            try await until("frozen \(isFrozen ? 1 : 0)", in: folder.appending("cgroup.events"))
        case .legacy(let folder):
            let state = isFrozen ? "FROZEN" : "THAWED"
            try CgroupFolder.write(state, to: folder.appending("freezer.state"))
            try await until(state, in: folder.appending("freezer.state"))
        case nil:
            throw SyscallError(call: "freeze", subject: primary.string, errno: EOPNOTSUPP)
        }
    }

    /// Kills every process inside, at once where the kernel can, and returns when all have ended.
    ///
    /// - Throws: `SyscallError` EBUSY when some have not ended ten seconds later.
    package func killAll() async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let pids = try processes()
            if pids.isEmpty { return }
            if let kill {
                try kill.with { fd throws(SyscallError) in
                    _ = try syscall("write", on: "cgroup.kill") { write(fd, "1", 1) }
                }
                try await ended(pids, by: deadline)
            } else {
                try await killFrozen(deadline)
            }
        }
        guard try processes().isEmpty else {
            throw SyscallError(call: "kill", subject: primary.string, errno: EBUSY)
        }
    }

    /// A frozen process cannot fork.
    private func killFrozen(_ deadline: ContinuousClock.Instant) async throws {
        // `try?`: without a freezer the loop of the caller catches up with what was forked.
        try? await setFrozen(true)
        let pids = try killEach()
        try? await setFrozen(false)
        try await ended(pids, by: deadline)
    }

    /// Kills each process inside, where the kernel has no `cgroup.kill`; gives their numbers.
    ///
    /// A number may be another process's by the time it is signalled. So it is opened first, then
    /// found inside, and what was opened is alive after that: the number was its own all the time.
    @discardableResult
    func killEach() throws(SyscallError) -> [Int32] {
        var rest = try processes()[...]
        var killed: [Int32] = []
        while !rest.isEmpty {
            // Few at a time: each takes a descriptor.
            let some = rest.prefix(64)
            rest = rest.dropFirst(some.count)
            // `try?`: gone before it could be opened is gone.
            let opened = some.compactMap { try? ProcessFD(opening: $0) }
            let inside = Set(try processes())
            for process in opened where inside.contains(process.pid) && process.isAlive {
                try process.signal(SIGKILL)
                killed.append(process.pid)
            }
        }
        return killed
    }

    private func ended(_ pids: [Int32], by deadline: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for pid in pids {
                    // `try?`: gone before it could be opened is gone.
                    try await (try? ProcessFD(opening: pid))?.waitForExit()
                }
                return true
            }
            group.addTask {
                try await Task.sleep(until: deadline, clock: .continuous)
                return false
            }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    /// Asks again until a file says a line; the kernel finishes freezing on its own.
    private func until(_ line: String, in file: FilePath) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var pause = Duration.microseconds(100)
        while try !CgroupFolder.read(file).split(separator: "\n").contains(Substring(line)) {
            guard ContinuousClock.now < deadline else {
                throw SyscallError(call: "freeze", subject: file.string, errno: ETIMEDOUT)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(20))
        }
    }
}
