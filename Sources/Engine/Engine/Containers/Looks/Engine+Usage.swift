package import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// What a container uses at one moment.
package struct ContainerUsage: Hashable, Sendable {
    /// Of a clock that never goes back.
    package var takenAt: ContinuousClock.Instant
    /// What its cgroups count.
    package var cgroup: CgroupUsage
    /// What there is to use where the container has no limit.
    package var machineMemoryBytes: UInt64
    /// Bytes that its own network interfaces have taken and given; 0 with the host's network.
    package var receivedBytes: UInt64 = 0
    package var sentBytes: UInt64 = 0
}

extension Engine {
    /// What a container uses now; nil for one that does not run.
    package func usage(of container: ObservedContainer) throws -> ContainerUsage? {
        guard let process = container.initPID,
            let cgroup = try runtime.cgroups.usage(of: container.record.id)
        else { return nil }
        var usage = ContainerUsage(
            takenAt: .now,
            cgroup: cgroup,
            machineMemoryBytes: Machine.memoryBytes
        )
        guard case .attached = try container.record.spec.network else { return usage }
        // `try?`: it has ended since, and its interfaces with it.
        let bytes = (try? readFile(FilePath("/proc/\(process)/net/dev"), limit: 1 << 20)) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            let counts = parts.last?.split(separator: " ").compactMap { UInt64($0) } ?? []
            guard parts.count == 2, counts.count > 8, parts[0].drop(while: { $0 == " " }) != "lo"
            else { continue }
            usage.receivedBytes += counts[0]
            usage.sentBytes += counts[8]
        }
        return usage
    }
}
