import ContainerRuntime
import OCI
import Testing

@testable import Engine

@Suite("containers after a restart of the machine")
struct RebootTests {
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
        var container = ContainerRecord(
            id: .random(),
            name: "shop-web-1",
            image: .of([]),
            specJSON: try SpecHash.canonicalJSON(spec),
            specHash: try SpecHash.hash(of: spec),
            createdAt: .now()
        )
        container.status = .running
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
