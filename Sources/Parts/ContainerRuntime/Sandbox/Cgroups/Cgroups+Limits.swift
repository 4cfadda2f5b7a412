import Glibc
import Linux
import SystemPackage

/// What limits come to in the files of a container's groups.
extension Cgroups {
    /// Controllers to switch on in version 2: those that account, and those that limit.
    func unifiedControllers(_ limits: ResourceLimits) -> Set<String> {
        var wanted = Set(limits.unifiedSettings.map(\.controller)).union(["cpu", "memory", "pids"])
        if limits.blockIO != nil, layout.legacyMountPoint(of: "blkio") == nil {
            wanted.insert("io")
        }
        return wanted.filter { layout.legacyMountPoint(of: $0) == nil }
    }

    /// The values that limits come to, each with the folder that has its file.
    func settings(
        _ limits: ResourceLimits,
        in place: CgroupPlace
    ) -> [(setting: CgroupSetting, folder: FilePath)] {
        settings(legacy: limits.legacySettings, unified: limits.unifiedSettings, in: place)
    }

    private func settings(
        legacy: [CgroupSetting],
        unified: [CgroupSetting],
        in place: CgroupPlace
    ) -> [(setting: CgroupSetting, folder: FilePath)] {
        legacy.compactMap { setting in
            layout.legacyMountPoint(of: setting.controller).map { (setting, place.leaf(below: $0)) }
        }
            + unified.compactMap { setting in
                layout.legacyMountPoint(of: setting.controller) == nil
                    ? layout.unified.map { (setting, place.leaf(below: $0)) } : nil
            }
    }

    func apply(
        _ limits: ResourceLimits,
        in place: CgroupPlace,
        _ warnings: inout [String]
    ) throws {
        let isLegacy = layout.legacyMountPoint(of: "blkio") != nil
        let blockIO = try limits.blockIO?.settings(isLegacy: isLegacy) ?? []
        let all = settings(
            legacy: limits.legacySettings + (isLegacy ? blockIO : []),
            unified: limits.unifiedSettings + (isLegacy ? [] : blockIO),
            in: place
        )
        for (setting, folder) in all {
            if let both = Self.swapLimit(before: setting, in: folder, all) {
                try set(both, in: folder, &warnings)
            }
            try set(setting, in: folder, &warnings)
        }
        guard layout.unified == nil else { return }
        for setting in limits.legacySettings + blockIO
        where layout.legacyMountPoint(of: setting.controller) == nil {
            guard let meaning = setting.meaning else { continue }
            warnings.append("the \(meaning) is not applied: no \(setting.controller) controller")
        }
    }

    /// In version 1 memory alone never has a higher limit than memory with swap has. What raises both
    /// needs the other one first; what lowers both, the order they stand in.
    private static func swapLimit(
        before setting: CgroupSetting,
        in folder: FilePath,
        _ all: [(setting: CgroupSetting, folder: FilePath)]
    ) -> CgroupSetting? {
        let file = "memory.memsw.limit_in_bytes"
        guard setting.file == "memory.limit_in_bytes", let memory = Int64(setting.value),
            let both = all.first(where: { $0.setting.file == file && $0.folder == folder })?
                .setting,
            // `try?`: a kernel that does not count swap has no such file, and no such rule.
            let now = try? CgroupFolder.read(folder.appending(file)),
            let limit = Int64(now.prefix { $0.isNumber }), memory > limit
        else { return nil }
        return both
    }

    private func set(
        _ setting: CgroupSetting,
        in folder: FilePath,
        _ warnings: inout [String]
    ) throws {
        do throws(SyscallError) {
            try CgroupFolder.write(setting.value, to: folder.appending(setting.file))
        } catch {
            if setting.isRealtime { throw Self.noRealtime(error.reason) }
            guard CgroupFolder.isRefusal(error.errno) else { throw error }
            guard let meaning = setting.meaning else { return }
            warnings.append("the \(meaning) is not applied: \(error)")
        }
    }

    /// Time of a real-time scheduler cannot be left out: a program that asks for it fails without.
    func checkRealtime(_ limits: ResourceLimits) throws(RuntimeError) {
        guard limits.legacySettings.contains(where: \.isRealtime) else { return }
        let file = layout.legacyMountPoint(of: "cpu")?.appending("cpu.rt_runtime_us")
        if let file, access(file.string, F_OK) == 0 { return }
        throw Self.noRealtime(
            layout.kind == .unified ? "cgroups of version 2 have none" : "this kernel has none"
        )
    }

    private static func noRealtime(_ why: String) -> RuntimeError {
        RuntimeError(
            container: "",
            message: "cannot give it real-time CPU: \(why)",
            hint:
                "leave cpu_rt_runtime and cpu_rt_period out; where cpu.rt_runtime_us is there, the "
                + "groups above the container's must have some"
        )
    }

    /// Without its device rules a container with CAP_MKNOD would own the machine: failing is fatal.
    func confine(
        _ place: CgroupPlace,
        _ rules: [DeviceRule]
    ) throws(SyscallError) {
        let allowsAll = rules.contains(.everything)
        if let mountPoint = layout.legacyMountPoint(of: "devices") {
            let folder = place.leaf(below: mountPoint)
            let first = allowsAll ? "devices.allow" : "devices.deny"
            try CgroupFolder.write("a", to: folder.appending(first))
            if allowsAll { return }
            for rule in rules {
                try CgroupFolder.write("\(rule)", to: folder.appending("devices.allow"))
            }
        } else if let mountPoint = layout.unified, !allowsAll {
            let folder = place.leaf(below: mountPoint)
            try DeviceProgram.attach(rules, to: try CgroupFolder.open(folder))
        }
    }
}
