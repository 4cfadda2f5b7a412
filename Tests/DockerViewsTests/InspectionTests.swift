import Addresses
import ContainerRuntime
import GoTemplate
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import DockerViews
@testable import Engine

/// The members and their order are those of docker 28.5.
@Suite("inspect")
struct InspectionTests {
    private static let created = Timestamp(nanoseconds: 1_767_323_045_000_000_000)
    private static let layout = Layout(root: "/state", run: "/run/state")

    private func network() throws -> NetworkRecord {
        var network = NetworkRecord(
            id: try #require(NetworkID(String(repeating: "a", count: 64))),
            name: "shop_default",
            ipv4: AddressBlock(
                try #require(IPv4Subnet("172.18.0.0/16")),
                gateway: try #require(IPv4Address("172.18.0.1"))
            ),
            createdAt: Self.created
        )
        network.labels = ["com.docker.compose.network": "default"]
        return network
    }

    private func container(
        _ status: ContainerRecord.Status,
        _ change: (inout ContainerSpec) -> Void = { _ in }
    ) throws -> ObservedContainer {
        var spec = ContainerSpec(
            image: .of([]),
            imageName: "nginx:1",
            process: ProcessSpec(arguments: ["nginx", "-g", "daemon off;"])
        )
        spec.network = .attached([NetworkAttachment(network: "shop_default")])
        spec.ports = [PortBinding(hostAddress: "127.0.0.1", hostPort: 8080, containerPort: 80)]
        spec.exposed = [try #require(ExposedPorts("443/tcp"))]
        change(&spec)
        var record = ContainerRecord(
            id: try #require(ContainerID(String(repeating: "c", count: 64))),
            name: "shop-web-1",
            image: .of([]),
            specJSON: try SpecHash.canonicalJSON(spec),
            specHash: try SpecHash.hash(of: spec),
            createdAt: Self.created
        )
        record.status = status
        record.startedAt = Self.created
        if status == .running { record.published = spec.ports }
        let endpoint = EndpointRecord(
            container: record.id,
            network: try network().id,
            networkName: "shop_default",
            position: 0,
            addresses: [.v4(try #require(IPv4Address("172.18.0.2")))],
            aliases: ["web"]
        )
        return ObservedContainer(
            record: record,
            endpoints: [endpoint],
            volumes: [VolumeUse(container: record.id, target: "/anon", volume: "f00")],
            initPID: status == .running ? 42 : nil
        )
    }

    private func text(_ template: String, _ container: ObservedContainer) throws -> String {
        let value = try ContainerInspection(
            container,
            networks: [try network()],
            layout: Self.layout
        ).value
        return try Template(parsing: template).render(value)
    }

    @Test(
        "limits, devices and the sandbox are shown as docker shows them",
        arguments: [
            ("NanoCpus", "500000000"), ("Memory", "67108864"), ("MemorySwap", "-1"),
            ("MemoryReservation", "33554432"), ("MemorySwappiness", "10"), ("OomScoreAdj", "-5"),
            ("OomKillDisable", "true"), ("PidsLimit", "33"), ("CpusetCpus", "\"0-1\""),
            ("CgroupParent", "\"/batch\""), ("BlkioWeight", "300"), ("Privileged", "true"),
            (
                "BlkioDeviceReadBps",
                "[{\"Path\":\"/dev/sda\",\"Rate\":1024}]"
            ),
            (
                "Devices",
                "[{\"PathOnHost\":\"/dev/fuse\",\"PathInContainer\":\"/dev/f\","
                    + "\"CgroupPermissions\":\"rw\"}]"
            ),
            ("DeviceCgroupRules", "[\"c 1:3 r\"]"),
            (
                "Ulimits",
                "[{\"Name\":\"nofile\",\"Hard\":-1,\"Soft\":5},"
                    + "{\"Name\":\"core\",\"Hard\":0,\"Soft\":0}]"
            ),
            ("SecurityOpt", "[\"no-new-privileges\",\"apparmor=own\",\"label=disable\"]"),
            ("Annotations", "{\"a\":\"b\"}"), ("CapAdd", "null"), ("MaskedPaths", "null"),
            ("GroupAdd", "[\"audio\"]"), ("ShmSize", "1048576"),
        ]
    )
    func limits(key: String, value: String) throws {
        let container = try container(.created) { spec in
            spec.security = .privileged
            spec.security.noNewPrivileges = true
            spec.security.appArmor = "own"
            spec.resources.nanoCPUs = 500_000_000
            spec.resources.memoryBytes = 64 << 20
            spec.resources.memorySwapBytes = -1
            spec.resources.memoryReservationBytes = 32 << 20
            spec.resources.memorySwappiness = 10
            spec.resources.oomScoreAdjustment = -5
            spec.resources.oomKillIsDisabled = true
            spec.resources.maximumProcesses = 33
            spec.resources.cpuSet = "0-1"
            spec.resources.cgroupParent = "/batch"
            spec.resources.blockIO = BlockIOLimits()
            spec.resources.blockIO?.weight = 300
            spec.resources.blockIO?.readBytesPerSecond = [.init(path: "/dev/sda", value: 1024)]
            spec.devices = DeviceSpec()
            spec.devices?.mappings = [
                .init(source: "/dev/fuse", target: "/dev/f", access: [.read, .write])
            ]
            spec.devices?.rules = [DeviceRule(.character, 1, 3, [.read])]
            spec.process.resourceLimits = [
                ResourceLimit(name: "nofile", soft: 5, hard: .max),
                ResourceLimit(name: "core", soft: 0, hard: 0),
            ]
            spec.process.supplementaryGroups = ["audio"]
            spec.shmSizeBytes = 1 << 20
            spec.annotations = ["a": "b"]
        }
        #expect(try text("{{json .HostConfig.\(key)}}", container) == value)
    }

    @Test("a volume has docker's members in docker's order")
    func volume() {
        var volume = VolumeRecord(name: "data", createdAt: Self.created)
        let end = #""Mountpoint":"/v/_data","Name":"data","Options":null,"Scope":"local"}"#
        let start = #"{"CreatedAt":"\#(HumanTime.rfc3339(Self.created))","Driver":"local","#
        let bare = VolumeInspection(volume, at: "/v/_data").value.json
        #expect(bare == start + #""Labels":null,"# + end)
        volume.labels = ["a": "b"]
        let labelled = VolumeInspection(volume, at: "/v/_data").value.json
        #expect(labelled == start + #""Labels":{"a":"b"},"# + end)
    }

    @Test("a network has docker's members in docker's order, and the containers that run")
    func connected() throws {
        let network = try network()
        let value = NetworkInspection(
            network,
            containers: [try container(.running), try container(.exited)]
        ).value
        let id = String(repeating: "c", count: 64)
        #expect(
            value.json == """
                {"Name":"shop_default","Id":"\(network.id)",\
                "Created":"2026-01-02T03:04:05.000000000Z","Scope":"local","Driver":"bridge",\
                "EnableIPv4":true,"EnableIPv6":false,"IPAM":{"Driver":"default","Options":null,\
                "Config":[{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"}]},"Internal":false,\
                "Attachable":false,"Ingress":false,"ConfigFrom":{"Network":""},"ConfigOnly":false,\
                "Containers":{"\(id)":{"Name":"shop-web-1",\
                "EndpointID":"\(EndpointID.text(of: try container(.running).record.id, on: network.id.text))",\
                "MacAddress":"\(try container(.running).endpoints[0].mac)",\
                "IPv4Address":"172.18.0.2/16","IPv6Address":""}},"Options":{},\
                "Labels":{"com.docker.compose.network":"default"}}
                """
        )
    }

    @Test(
        "streams are shown as docker shows them",
        arguments: [
            (nil, "false false false false"), (.pipes(input: .once), "false true true true"),
            (.pipes(input: .open), "false true false false"),
            (.terminal(input: .open), "true true false false"),
            (.terminal(input: .once), "true true true true"),
            (.terminal(input: .none), "true false false false"),
        ] as [(Streams?, String)]
    )
    func streams(streams: Streams?, expected: String) throws {
        let template =
            "{{with .Config}}{{.Tty}} {{.OpenStdin}} {{.StdinOnce}} {{.AttachStdin}}{{end}}"
        #expect(try text(template, container(.running) { $0.streams = streams }) == expected)
    }

    @Test("a container has docker's members in docker's order")
    func members() throws {
        let value = try ContainerInspection(
            try container(.running),
            networks: [try network()],
            layout: Self.layout
        ).value
        func names(_ path: [String]) -> String {
            var value = value
            for name in path {
                guard case .map(let map) = value, let next = map[name] else { return "?" }
                value = next
            }
            guard case .map(let map) = value else { return "?" }
            return map.entries.map(\.key).joined(separator: " ")
        }
        #expect(
            names([]) == "Id Created Path Args State Image ResolvConfPath HostnamePath HostsPath "
                + "LogPath Name RestartCount Driver Platform MountLabel ProcessLabel "
                + "AppArmorProfile ExecIDs HostConfig GraphDriver Mounts Config NetworkSettings"
        )
        #expect(
            names(["State"]) == "Status Running Paused Restarting OOMKilled Dead Pid ExitCode "
                + "Error StartedAt FinishedAt"
        )
        #expect(names(["NetworkSettings", "Networks"]) == "shop_default")
        #expect(
            names(["HostConfig"]).hasPrefix("Binds ContainerIDFile LogConfig NetworkMode ")
                && names(["HostConfig"]).hasSuffix(" MaskedPaths ReadonlyPaths")
        )
    }

    @Test(
        "a container that runs says what scripts ask for",
        arguments: [
            ("{{.State.Pid}} {{.State.Running}} {{.State.Status}}", "42 true running"),
            ("{{.Path}} {{.Args}} {{.Name}}", "nginx [-g daemon off;] /shop-web-1"),
            ("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.18.0.2"),
            ("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "8080"),
            (
                "{{json .NetworkSettings.Ports}}",
                #"{"443/tcp":null,"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]}"#
            ),
            ("{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}}", "shop_default no"),
            (
                "{{.LogPath}}",
                "/state/containers/\(String(repeating: "c", count: 64))/log/container.log"
            ),
            ("{{json .State.Health}}", "null"), ("{{.State.Health}}", "<nil>"),
            ("{{if .State.Health}}{{.State.Health.Status}}{{end}}", ""),
        ]
    )
    func running(template: String, expected: String) throws {
        #expect(try text(template, container(.running)) == expected)
    }

    @Test(
        "one on the default network has its place there beside the networks, as long as it runs",
        arguments: [
            (
                "{{.NetworkSettings.IPAddress}}/{{.NetworkSettings.IPPrefixLen}}", "172.18.0.2/16",
                "/0"
            ),
            ("{{.NetworkSettings.Gateway}}", "172.18.0.1", ""),
            ("{{.NetworkSettings.MacAddress}}", "02:42:ac:12:00:02", ""),
            ("{{len .NetworkSettings.EndpointID}}", "64", "0"),
            ("{{.NetworkSettings.SandboxKey}}", "/proc/42/ns/net", ""),
            (
                "{{json .HostConfig.Links}}", #"["/db:/shop-web-1/data"]"#,
                #"["/db:/shop-web-1/data"]"#
            ),
        ]
    )
    func onDefaultNetwork(template: String, running: String, ended: String) throws {
        for (status, expected) in [(.running, running), (.exited, ended)]
            as [(ContainerRecord.Status, String)]
        {
            var container = try container(status) { spec in
                spec.network = .attached([NetworkAttachment(network: "bridge")])
                spec.links = [ContainerLink(.container("db"), alias: "data")]
            }
            let other = container.endpoints[0]
            container.endpoints[0] = EndpointRecord(
                container: other.container,
                network: other.network,
                networkName: "bridge",
                position: 0,
                addresses: other.addresses,
                aliases: []
            )
            #expect(try text(template, container) == expected)
        }
    }

    @Test(
        "what a container was made with is shown as docker's command line writes it",
        arguments: [
            ("{{.HostConfig.AutoRemove}}", "true"),
            ("{{json .HostConfig.VolumesFrom}}", #"["db:ro"]"#),
            ("{{json .HostConfig.LogConfig.Config}}", #"{"max-size":"10m"}"#),
            ("{{json .HostConfig.PortBindings}}", #"{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}"#),
            ("{{json .HostConfig.Devices}} {{json .HostConfig.Ulimits}}", "[] []"),
        ]
    )
    func written(template: String, expected: String) throws {
        let container = try container(.running) { spec in
            spec.isRemovedAtEnd = true
            spec.volumesFrom = [InheritedMounts(from: "db", readOnly: true)]
            spec.log.maximumFileBytes = 10_000_000
            spec.ports = [PortBinding(hostPort: 8080, containerPort: 80)]
        }
        #expect(try text(template, container) == expected)
    }

    @Test("a health check that there is not has no state, as docker has it")
    func withoutHealth() {
        #expect {
            _ = try text("{{.State.Health.Status}}", container(.running))
        } throws: { error in
            "\(error)".contains(
                "at <.State.Health.Status>: map has no entry for key \"Health\""
            )
        }
    }

    @Test(
        "a health check's answers stay when the container ends, and begin anew with it",
        arguments: [
            (.running, .unhealthy, .unhealthy, "unhealthy 3 1"),
            (.exited, nil, .unhealthy, "unhealthy 3 1"),
            (.running, .starting, .unhealthy, "starting 0 1"),
            (.running, .starting, .starting, "starting 3 1"),
        ]
            as [(
                ContainerRecord.Status, ContainerRecord.Health?, ContainerRecord.Health, String
            )]
    )
    func health(
        status: ContainerRecord.Status,
        now: ContainerRecord.Health?,
        last: ContainerRecord.Health,
        expected: String
    ) throws {
        var container = try container(status)
        container.record.health = now
        var view = try ContainerInspection(container, networks: [network()], layout: Self.layout)
        view.health = HealthLog(
            status: last,
            failingStreak: 3,
            probes: [.init(started: Self.created, ended: Self.created, exitCode: 1, output: "no\n")]
        )
        let template = try Template(
            parsing: "{{.State.Health.Status}} {{.State.Health.FailingStreak}} "
                + "{{range .State.Health.Log}}{{.ExitCode}}{{end}}"
        )
        #expect(try template.render(view.value) == expected)
    }

    @Test(
        "one that ended has no addresses and no ports",
        arguments: [
            ("{{.State.Pid}} {{.State.Running}} {{.State.ExitCode}}", "0 false 137"),
            ("{{range .NetworkSettings.Networks}}<{{.IPAddress}}>{{end}}", "<>"),
            ("{{json .NetworkSettings.Ports}}", "{}"),
        ]
    )
    func ended(template: String, expected: String) throws {
        #expect(try text(template, container(.exited)) == expected)
    }

    @Test("mounts are those of the file, volumes by name and by folder")
    func mounts() throws {
        let container = try container(.exited) { spec in
            spec.mounts = [
                MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/anon"),
                MountSpec(source: .tmpfs(sizeBytes: 64, mode: 0o700), target: "/tmp"),
                MountSpec(source: .bind(path: "/srv", create: true), target: "/srv"),
            ]
        }
        #expect(
            try text("{{range .Mounts}}{{.Type}} {{.Source}} {{.Destination}}\n{{end}}", container)
                == "volume /state/volumes/f00/_data /anon\nbind /srv /srv\n"
        )
        #expect(try text("{{json .HostConfig.Binds}}", container) == #"["/srv:/srv"]"#)
        var ofProject = container
        ofProject.record.project = "shop"
        #expect(try text("{{json .HostConfig.Binds}}", ofProject) == #"["/srv:/srv:rw"]"#)
        #expect(
            try text("{{json .HostConfig.Tmpfs}}", container) == #"{"/tmp":"size=64,mode=700"}"#
        )
    }
}
