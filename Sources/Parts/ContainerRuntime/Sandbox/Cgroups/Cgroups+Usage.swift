import Glibc
package import Linux
import SystemPackage

/// What a container uses of the machine at one moment, as its cgroups count it. A controller that
/// the machine lacks counts nothing.
package struct CgroupUsage: Hashable, Sendable {
    /// Since the container was made.
    package var computedNanoseconds: UInt64 = 0
    /// Without files that the kernel could forget at once, as docker counts.
    package var memoryBytes: UInt64 = 0
    /// nil without a limit.
    package var memoryLimit: UInt64?
    /// From disks.
    package var readBytes: UInt64 = 0
    /// To disks.
    package var writtenBytes: UInt64 = 0
    /// How many there are now, threads counted.
    package var processes: UInt64 = 0

    /// Of a container that has used nothing.
    package init() {}
}

extension Cgroups {
    /// What a container uses now; nil when it has no cgroup.
    package func usage(of id: ContainerID) throws(SyscallError) -> CgroupUsage? {
        guard let entry = entries().first(where: { $0.container == id }) else { return nil }
        let place = entry.place(top: top, id: id)
        func folder(_ controller: String) -> (path: FilePath, isLegacy: Bool)? {
            if let legacy = layout.legacyMountPoint(of: controller) {
                return (place.leaf(below: legacy), true)
            }
            return layout.unified.map { (place.leaf(below: $0), false) }
        }
        var usage = CgroupUsage()
        if let (path, isLegacy) = folder("cpuacct") {
            usage.computedNanoseconds =
                isLegacy
                ? try number(in: path.appending("cpuacct.usage"))
                : try field("usage_usec", in: path.appending("cpu.stat")) * 1000
        }
        if let (path, isLegacy) = folder("memory") {
            try readMemory(path, isLegacy, &usage)
        }
        if let (path, isLegacy) = folder("blkio") {
            let file = isLegacy ? "blkio.throttle.io_service_bytes" : "io.stat"
            for line in try text(of: path.appending(file)).split(separator: "\n") {
                usage.add(transfers: line)
            }
        }
        if let (path, _) = folder("pids") {
            usage.processes = try number(in: path.appending("pids.current"))
        }
        return usage
    }

    private func readMemory(
        _ path: FilePath,
        _ isLegacy: Bool,
        _ usage: inout CgroupUsage
    ) throws(SyscallError) {
        let names =
            isLegacy
            ? ("memory.usage_in_bytes", "total_inactive_file", "memory.limit_in_bytes")
            : ("memory.current", "inactive_file", "memory.max")
        let all = try number(in: path.appending(names.0))
        let idle = try field(names.1, in: path.appending("memory.stat"))
        usage.memoryBytes = all >= idle ? all - idle : all
        let limit = UInt64(try text(of: path.appending(names.2)).prefix { $0.isNumber })
        // Version 1 writes no limit as the greatest whole number of pages.
        usage.memoryLimit = limit.flatMap { $0 < 1 << 62 ? $0 : nil }
    }

    /// Empty for a file that is not there: the controller is off, or the container has just ended.
    private func text(of file: FilePath) throws(SyscallError) -> String {
        do throws(SyscallError) { return try CgroupFolder.read(file) } catch {
            guard error.errno == ENOENT || error.errno == ENODEV else { throw error }
            return ""
        }
    }

    private func number(in file: FilePath) throws(SyscallError) -> UInt64 {
        UInt64(try text(of: file).prefix { $0.isNumber }) ?? 0
    }

    private func field(_ name: String, in file: FilePath) throws(SyscallError) -> UInt64 {
        let line = try text(of: file).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { UInt64($0.dropFirst(name.count + 1)) } ?? 0
    }
}

extension CgroupUsage {
    /// Takes a line of `io.stat` (`8:0 rbytes=1 wbytes=2 …`) or of `blkio.throttle.io_service_bytes`
    /// (`8:0 Read 1`).
    mutating func add(transfers line: Substring) {
        let words = line.split(separator: " ")
        guard words.first?.contains(":") == true else { return }
        if words.count == 3, let bytes = UInt64(words[2]) {
            if words[1] == "Read" { readBytes += bytes }
            if words[1] == "Write" { writtenBytes += bytes }
        }
        for word in words.dropFirst() {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let bytes = UInt64(parts[1]) else { continue }
            if parts[0] == "rbytes" { readBytes += bytes }
            if parts[0] == "wbytes" { writtenBytes += bytes }
        }
    }
}
