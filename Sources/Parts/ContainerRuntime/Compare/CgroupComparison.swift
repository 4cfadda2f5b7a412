import Glibc
import Linux
import SystemPackage

/// One way in which a container's groups differ from what they were made as.
struct CgroupDifference: Hashable {
    var path: FilePath
    var reason: String
}

extension ContainerRuntime {
    func cgroupFaults(of expected: ContainerExpectation) throws -> [ContainerFault] {
        let differences = try RuntimeError.naming(expected.name) { () throws(RuntimeError) in
            try cgroups.differences(
                of: expected.running.id,
                parent: expected.cgroupParent,
                limits: expected.resources,
                devices: expected.devices,
                initPID: expected.running.initPID
            )
        }
        return differences.map {
            ContainerFault(
                container: expected.running.id,
                containerName: expected.name,
                subject: .cgroup($0.path),
                reason: "\($0.reason) (container \(expected.name))"
            )
        }
    }
}

extension Cgroups {
    /// Compares the groups of a running container with what `create` makes of the same arguments:
    /// that its first processes are in them, that each limit is in force, and (version 1) the rules
    /// of its devices.
    func differences(
        of id: ContainerID,
        parent: String,
        limits: ResourceLimits,
        devices: [DeviceRule]?,
        initPID: Int32
    ) throws(RuntimeError) -> [CgroupDifference] {
        let place = try CgroupPlace(top: top, parent: parent, id: id, beneath: limits.cgroupParent)
        do throws(SyscallError) {
            var outside: Set<FilePath> = []
            for pid in try ContainerProcesses.first(ofInit: initPID) {
                outside.formUnion(try strayFolders(of: pid, place))
            }
            let moved = outside.map { folder in
                let isThere = access(folder.string, F_OK) == 0
                return CgroupDifference(
                    path: folder,
                    reason: isThere ? "processes were moved out of it" : "it was removed"
                )
            }
            var changed: [CgroupDifference] = []
            for (setting, folder) in settings(limits, in: place)
            where setting.isReadable && !outside.contains(folder) {
                let file = folder.appending(setting.file)
                guard let now = try valueIfAny(file), !setting.isMet(by: now) else { continue }
                changed.append(
                    CgroupDifference(
                        path: file,
                        reason: "it is \(now), not \(setting.value)"
                    )
                )
            }
            let rules = try devices.map { devices throws(SyscallError) in
                try deviceDifferences(from: devices, in: place, besides: outside)
            }
            return moved + changed + (rules ?? [])
        } catch  where error.errno == ESRCH || error.errno == ENOENT || error.errno == ENODEV {
            // It ended meanwhile.
            return []
        } catch {
            throw RuntimeError(container: "", message: "cannot compare its cgroup: \(error)")
        }
    }

    /// Makes groups as `create` does where they are missing, and moves `processes` into them.
    func restore(
        _ id: ContainerID,
        parent: String,
        limits: ResourceLimits,
        devices: [DeviceRule]?,
        processes: () throws(SyscallError) -> [Int32]
    ) throws(RuntimeError) {
        let place = try CgroupPlace(top: top, parent: parent, id: id, beneath: limits.cgroupParent)
        do {
            try make(place, limits, mustBeNew: false)
            // Whoever could not be limited when it was made was told so then.
            var warnings: [String] = []
            try apply(limits, in: place, &warnings)
            if let devices { try confineAgain(place, devices) }
            // What is forked while they are moved is moved the next time round.
            var attempts = 5
            var strays = try strays(of: processes(), place)
            while !strays.isEmpty && attempts > 0 {
                for (pid, folder) in strays {
                    try move(pid, into: folder)
                }
                attempts -= 1
                strays = try self.strays(of: processes(), place)
            }
        } catch {
            throw RuntimeError(container: "", message: "cannot mend its cgroup: \(error)")
        }
    }

    private func move(_ pid: Int32, into folder: FilePath) throws(SyscallError) {
        do throws(SyscallError) {
            try CgroupFolder.write("\(pid)", to: folder.appending("cgroup.procs"))
        } catch  where error.errno == ESRCH {
            return
        }
    }

    private func strays(
        of pids: [Int32],
        _ place: CgroupPlace
    ) throws(SyscallError) -> [(pid: Int32, folder: FilePath)] {
        var strays: [(Int32, FilePath)] = []
        for pid in pids {
            do throws(SyscallError) {
                strays += try strayFolders(of: pid, place).map { (pid, $0) }
            } catch  where error.errno == ESRCH || error.errno == ENOENT {
                continue
            }
        }
        return strays
    }

    /// The container's folders that a process is not in, nor in a group below.
    private func strayFolders(
        of pid: Int32,
        _ place: CgroupPlace
    ) throws(SyscallError) -> [FilePath] {
        let text = try readFile(FilePath("/proc/\(pid)/cgroup"), limit: 64 << 10)
        // The mount may begin somewhere below the root of its hierarchy.
        let own = Array(place.leaf(below: "/").string.utf8)
        var strays: [FilePath] = []
        for line in text.split(separator: UInt8(ascii: "\n")) where !isWithin(line, own) {
            let fields = line.split(
                separator: UInt8(ascii: ":"),
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { continue }
            let controllers = Set(
                fields[1].split(separator: UInt8(ascii: ","))
                    .map { String(decoding: $0, as: UTF8.self) }
            )
            let legacy = layout.legacy.first { !controllers.isDisjoint(with: $0.controllers) }
            let mountPoint = controllers.isEmpty ? layout.unified : legacy?.mountPoint
            if let mountPoint { strays.append(place.leaf(below: mountPoint)) }
        }
        return strays
    }

    /// Whether a line of `/proc/<pid>/cgroup` ends in the container's group, or in one below it. By the
    /// bytes, since it is asked of every hierarchy of every process every few seconds.
    private func isWithin(_ line: ArraySlice<UInt8>, _ own: [UInt8]) -> Bool {
        if line.suffix(own.count).elementsEqual(own) { return true }
        let below = own + [UInt8(ascii: "/")]
        return line.indices.contains { line[$0...].starts(with: below) }
    }

    private func valueIfAny(_ file: FilePath) throws(SyscallError) -> String? {
        do throws(SyscallError) {
            return String(try CgroupFolder.read(file).prefix { $0 != "\n" })
        } catch  where CgroupFolder.isRefusal(error.errno) {
            return nil
        }
    }

    private func deviceDifferences(
        from rules: [DeviceRule],
        in place: CgroupPlace,
        besides outside: Set<FilePath>
    ) throws(SyscallError) -> [CgroupDifference] {
        guard let mountPoint = layout.legacyMountPoint(of: "devices") else { return [] }
        let folder = place.leaf(below: mountPoint)
        guard !outside.contains(folder) else { return [] }
        let list = folder.appending("devices.list")
        return try hasRules(rules, list)
            ? [] : [CgroupDifference(path: list, reason: "its rules were changed")]
    }

    /// Only where they differ: to write them means that for a moment no device can be opened.
    private func confineAgain(_ place: CgroupPlace, _ rules: [DeviceRule]) throws(SyscallError) {
        if let mountPoint = layout.legacyMountPoint(of: "devices"),
            try hasRules(rules, place.leaf(below: mountPoint).appending("devices.list"))
        {
            return
        }
        try confine(place, rules)
    }

    private func hasRules(_ rules: [DeviceRule], _ list: FilePath) throws(SyscallError) -> Bool {
        let now = Set(try CgroupFolder.read(list).split(separator: "\n").map(String.init))
        return now == Set(rules.merged.map(\.description))
    }
}

extension CgroupSetting {
    /// Whether the kernel's words for a value mean this one: it rounds sizes down to pages, and
    /// writes sets in ranges.
    func isMet(by now: String) -> Bool {
        if now == value { return true }
        if controller == "cpuset" {
            let has = ProcessorSet(now)?.numbers
            return has != nil && has == ProcessorSet(value)?.numbers
        }
        guard controller == "memory", let has = Int64(now), let shall = Int64(value) else {
            return false
        }
        let page = Int64(sysconf(CInt(_SC_PAGESIZE)))
        return has / page == shall / page
    }
}
