package import ContainerRuntime
import GRDB
import Linux

/// What was found different from the records, and what became of it, in words.
package struct Mending: Hashable, Sendable {
    package var mended: [String] = []
    /// The same of networks that no container has a place on yet: nothing is wrong where another
    /// command is just making them.
    package var completed: [String] = []
    package var failed: [String] = []
    /// What nothing but a new start of a container puts right, and what to do.
    package var lasting: [String] = []

    package init() {}
}

extension Engine {
    /// The one comparison of the kernel with the records: network, cgroups, mounts and folders of
    /// these containers or (nil) of the whole state folder. Changes nothing.
    func differences(of containers: Set<ContainerID>? = nil) async throws -> [Finding] {
        var findings = try await networkFaults(of: containers).map { Finding($0) }
        for expected in try await runningContainers(containers) {
            findings += try runtime.faults(of: expected).map { Finding($0) }
        }
        return findings
    }

    /// Puts right what `differences` finds, as far as that can be done while containers run.
    @discardableResult
    package func mend(of containers: Set<ContainerID>? = nil) async throws -> Mending {
        var mending = try await mendNetwork(of: containers)
        let others = try await mendContainers(of: containers)
        mending.mended += others.mended
        mending.failed += others.failed
        mending.lasting = others.lasting
        return mending
    }

    /// As `mend`, without the network: a supervisor, which hears of changes there, looks at the two
    /// at different times.
    package func mendContainers(of containers: Set<ContainerID>? = nil) async throws -> Mending {
        var mending = Mending()
        for expected in try await runningContainers(containers) {
            do { try await mend(expected, &mending) } catch { mending.failed.append("\(error)") }
        }
        return mending
    }

    private func mend(_ expected: ContainerExpectation, _ mending: inout Mending) async throws {
        let runtime = runtime
        let faults = try runtime.faults(of: expected)
        guard !faults.isEmpty else { return }
        mending.lasting += faults.filter { !$0.isRepairable }.map(\.description)
        let repairable = faults.filter(\.isRepairable)
        guard !repairable.isEmpty else { return }
        try await blocking { () throws(any Error) in try runtime.mendCgroups(of: expected) }
        let left = Set(try runtime.faults(of: expected))
        for fault in repairable {
            if left.contains(fault) {
                mending.failed.append(fault.description)
            } else {
                mending.mended.append(fault.description)
            }
        }
    }

    /// What the records say of containers that run, by the kernel's word too.
    private func runningContainers(
        _ containers: Set<ContainerID>?
    ) async throws -> [ContainerExpectation] {
        let rows = try await store.read { db in
            // Whole specs would cost ten times as much.
            try db.rows(
                """
                SELECT id, name, project,
                    json_extract(specJSON, '$.resources') AS resources,
                    json_extract(specJSON, '$.mounts') AS mounts,
                    json_extract(specJSON, '$.devices') AS devices,
                    json_extract(specJSON, '$.security.privilege') AS privilege,
                    EXISTS (
                        SELECT 1 FROM json_each(specJSON, '$.security.capabilities')
                        WHERE value = 'CAP_SYS_ADMIN'
                    ) AS administersMounts
                FROM containers WHERE status = 'running'
                """
            ).map { row in
                RunningRow(
                    id: try row.value("id") { ContainerID($0) },
                    name: row["name"],
                    project: row["project"],
                    resources: try row.json("resources"),
                    mounts: try row.json("mounts"),
                    devices: try row.jsonIfAny("devices"),
                    privilege: (row["privilege"] as String?).flatMap { .init(rawValue: $0) },
                    administersMounts: row["administersMounts"]
                )
            }
        }
        return try rows.compactMap { row in
            guard containers?.contains(row.id) ?? true,
                let running = try runtime.adopt(
                    row.id,
                    name: row.name,
                    in: layout.container(row.id.text)
                )
            else { return nil }
            return ContainerExpectation(
                running,
                name: row.name,
                cgroupParent: row.project ?? Layout.standaloneProject,
                resources: row.resources,
                devices: DeviceRule.all(of: row.devices, privilege: row.privilege),
                mounts: row.mounts,
                administersMounts: row.administersMounts
            )
        }
    }
}

/// What is read of the record of a container that runs.
private struct RunningRow: Sendable {
    var id: ContainerID
    var name: String
    var project: String?
    var resources: ResourceLimits
    var mounts: [MountSpec]
    var devices: DeviceSpec?
    var privilege: SecuritySpec.Privilege?
    var administersMounts: Bool
}
