import ContainerRuntime
import Engine
import OCI
import TestSupport
import Testing

@Suite("the hash of a container's spec")
struct SpecHashTests {
    /// One of everything a spec can say.
    static func fullSpec() throws -> ContainerSpec {
        let digest = try #require(Digest(hex: String(repeating: "0123456789abcdef", count: 4)))
        var process = ProcessSpec(arguments: ["/bin/sh", "-c", "echo \"hi\" / é"])
        process.environment = ["PATH=/bin", "GREETING=good day"]
        process.user = "app:app"
        process.supplementaryGroups = ["audio"]
        process.resourceLimits = [ResourceLimit(name: "nofile", soft: 1024, hard: 4096)]
        var spec = ContainerSpec(image: digest, imageName: "redis:7", process: process)
        spec.hostname = "box"
        spec.domainName = "example.org"
        spec.mounts = [
            MountSpec(source: .bind(path: "/srv", create: true), target: "/srv", readOnly: true),
            MountSpec(source: .volume(name: "shop_data", copiesImageContent: true), target: "/d"),
            MountSpec(source: .anonymousVolume(copiesImageContent: false), target: "/a"),
            MountSpec(source: .tmpfs(sizeBytes: 1024, mode: 0o1777), target: "/tmp"),
        ]
        spec.readOnlyRoot = true
        spec.usesInit = true
        spec.security.seccomp = .profile(json: "{}")
        spec.resources.memoryBytes = 64 << 20
        var attachment = NetworkAttachment(network: "shop_default")
        attachment.aliases = ["db"]
        attachment.ipv4Address = "172.20.0.5"
        spec.network = .attached([attachment])
        spec.ports = [PortBinding(hostPort: 8080, containerPort: 80)]
        spec.extraHosts = [ExtraHost(name: "host", address: "host-gateway")]
        spec.dns.servers = ["9.9.9.9"]
        spec.stop.grace = .milliseconds(2500)
        spec.restart = .onFailure(maximumRetries: 3)
        spec.healthcheck = Healthcheck(command: ["true"])
        spec.labels = ["b": "2", "a": "1", "A": "0", "a.b/c": ""]
        return spec
    }

    @Test("is pinned: another one would recreate everybody's containers")
    func golden() throws {
        let spec = try Self.fullSpec()
        let minimal = ContainerSpec(
            image: spec.image,
            imageName: "scratch",
            process: ProcessSpec(arguments: ["/app"])
        )
        try expectGolden(
            """
            \(try SpecHash.canonicalJSON(spec))
            \(try SpecHash.hash(of: spec))
            \(try SpecHash.canonicalJSON(minimal))
            \(try SpecHash.hash(of: minimal))

            """,
            "spec-hash.txt"
        )
    }

    @Test("does not depend on the order in which labels were added")
    func order() throws {
        var first = try Self.fullSpec()
        var second = first
        first.labels = [:]
        second.labels = [:]
        let keys = (0..<50).map { "key\($0)" }
        for key in keys { first.labels[key] = key }
        for key in keys.reversed() { second.labels[key] = key }
        #expect(try SpecHash.hash(of: first) == SpecHash.hash(of: second))
    }

    @Test("changes with every field it covers")
    func covers() throws {
        let spec = try Self.fullSpec()
        var changed = spec
        changed.process.environment[0] = "PATH=/sbin"
        #expect(try SpecHash.hash(of: spec) != SpecHash.hash(of: changed))
    }

    @Test("a spec is read back as it was")
    func roundTrip() throws {
        let spec = try Self.fullSpec()
        let record = ContainerRecord(
            id: .random(),
            name: "x",
            image: spec.image,
            specJSON: try SpecHash.canonicalJSON(spec),
            specHash: try SpecHash.hash(of: spec),
            createdAt: .now()
        )
        #expect(try record.spec == spec)
    }
}
