import ContainerRuntime
import GoTemplate
import OCI
import Testing

@testable import Engine
@testable import berth

@Suite("What is said of a machine and of lost runs")
struct MachineTests {
    @Test(
        "doctor names the profiles that docker would confine containers by, where they are active",
        arguments: [
            (false, false, "not active", false), (true, false, "AppArmor active", true),
            (false, true, "SELinux active", true),
            (true, true, "AppArmor and SELinux active", true),
        ]
    )
    func confinement(appArmor: Bool, seLinux: Bool, words: String, isLess: Bool) {
        let finding = MachineCheck.confinement(appArmor: appArmor, seLinux: seLinux)
        #expect(finding.state.contains(words))
        #expect((finding.verdict == .degraded) == isLess)
        #expect((finding.remedy != nil) == isLess)
    }

    static func record(_ status: ContainerRecord.Status, code: Int32?) throws -> ContainerRecord {
        let spec = ContainerSpec(
            image: .of([]),
            imageName: "app",
            process: ProcessSpec(arguments: ["/app"])
        )
        let json = try SpecHash.canonicalJSON(spec)
        var record = ContainerRecord(
            id: .random(),
            name: "shop-web-1",
            image: .of([]),
            specJSON: json,
            specHash: try SpecHash.hash(of: spec),
            createdAt: .now()
        )
        record.status = status
        record.exitCode = code
        return record
    }

    @Test(
        "table and JSON have one exit code, which is never 0 where nobody knows it",
        arguments: [
            (ContainerRecord.Status.created, nil, 0, "Created"), (.running, nil, 0, "Up"),
            (.exited, 0, 0, "Exited (0)"), (.exited, 3, 3, "Exited (3)"),
            (.exited, nil, 137, "Exited (137)"), (.restarting, nil, 137, "Restarting (137)"),
        ] as [(ContainerRecord.Status, Int32?, Int64, String)]
    )
    func lost(status: ContainerRecord.Status, code: Int32?, shown: Int64, words: String) throws {
        let container = ObservedContainer(
            record: try Self.record(status, code: code),
            endpoints: [],
            volumes: [],
            initPID: nil
        )
        let row = ContainerRow(container).row(truncates: true, now: .now())
        #expect(row["ExitCode"]?.json == "\(shown)")
        #expect(row["Status"]?.printed.hasPrefix(words) == true)
    }

    @Test(
        "what waits after a restart of the machine is what its policy would have started",
        arguments: [
            (RestartPolicy.no, false), (.always, true), (.unlessStopped, true),
            (.onFailure(maximumRetries: nil), true),
        ]
    )
    func reboot(policy: RestartPolicy, waits: Bool) throws {
        var spec = ContainerSpec(
            image: .of([]),
            imageName: "app",
            process: ProcessSpec(arguments: ["/app"])
        )
        spec.restart = policy
        var container = try Self.record(.running, code: nil)
        container.specJSON = try SpecHash.canonicalJSON(spec)
        container.desired = .running
        #expect(!container.waitsAfterReboot)
        container.settleAfterReboot()
        #expect(container.status == .exited)
        #expect(container.exitCode == nil)
        #expect(container.waitsAfterReboot == waits)
        container.desired = .stopped
        #expect(!container.waitsAfterReboot)
    }
}
