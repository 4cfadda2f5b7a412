import Addresses
import ContainerRuntime
import OCI
import Testing

@testable import Reconciler

@Suite("SpecDifference")
struct SpecDifferenceTests {
    private var spec: ContainerSpec {
        var process = ProcessSpec(arguments: ["serve"])
        process.environment = ["COLOR=red", "LANG=C"]
        var spec = ContainerSpec(image: Fixture.digest, imageName: "app:1", process: process)
        spec.healthcheck = Healthcheck(command: ["check"])
        spec.network = .attached([NetworkAttachment(network: "shop_default")])
        spec.exposed = []
        spec.labels = ["a": "1"]
        return spec
    }

    @Test("equal specs do not differ")
    func same() {
        #expect(SpecDifference(from: spec, to: spec).changes.isEmpty)
    }

    @Test(
        "every field has its words",
        arguments: [
            Case("image: app:1 → app:2") { $0.imageName = "app:2" },
            Case("image app:1 is a newer one") { $0.image = Fixture.otherDigest },
            Case("command changed") { $0.process.arguments = ["x"] },
            Case("environment.COLOR: red → blue") { $0.process.environment[0] = "COLOR=blue" },
            Case("environment.NEW added") { $0.process.environment.append("NEW=1") },
            Case("environment.LANG removed") { $0.process.environment.removeLast() },
            Case("environment in another order") { $0.process.environment.reverse() },
            Case("working_dir: \"/\" → \"/x\"") { $0.process.workingDirectory = "/x" },
            Case("user: \"\" → \"www\"") { $0.process.user = "www" },
            Case("group_add.audio added") { $0.process.supplementaryGroups = ["audio"] },
            Case("ulimits.nofile added") {
                $0.process.resourceLimits = [ResourceLimit(name: "nofile", soft: 1, hard: 1)]
            },
            Case("hostname added (\"box\")") { $0.hostname = "box" },
            Case("domainname added (\"lan\")") { $0.domainName = "lan" },
            Case("volumes./b added") {
                $0.mounts = [MountSpec(source: .bind(path: "/a", create: true), target: "/b")]
            },
            Case("read_only is on now") { $0.readOnlyRoot = true },
            Case("init is on now") { $0.usesInit = true },
            Case("capabilities changed (-AUDIT_WRITE)") { $0.security.capabilities.removeFirst() },
            Case("security_opt changed") { $0.security.noNewPrivileges = true },
            Case("mem_limit added (4096)") { $0.resources.memoryBytes = 4096 },
            Case("pids_limit removed (was 2048)") { $0.resources.maximumProcesses = nil },
            Case("cpu_shares added (5)") { $0.resources.cpuShares = 5 },
            Case("cpu_quota added (5)") { $0.resources.cpuQuotaMicroseconds = 5 },
            Case("cpu_period added (5)") { $0.resources.cpuPeriodMicroseconds = 5 },
            Case("cpuset added (\"0\")") { $0.resources.cpuSet = "0" },
            Case("shm_size: 67108864 → 1") { $0.shmSizeBytes = 1 },
            Case("network_mode changed") { $0.network = .host },
            Case("networks.other added, networks.shop_default removed") {
                $0.network = .attached([NetworkAttachment(network: "other")])
            },
            Case("ports.0.0.0.0:80->8080/tcp added") {
                $0.ports = [PortBinding(hostPort: 80, containerPort: 8080)]
            },
            Case("expose changed") { $0.exposed = [ExposedPorts(PortRange(90, 91))] },
            Case("links.store added") {
                $0.links = [ContainerLink(.service("db"), alias: "store")]
            },
            Case("extra_hosts.a added") { $0.extraHosts = [ExtraHost(name: "a", address: "b")] },
            Case("dns changed") { $0.dns.servers = ["1.1.1.1"] },
            Case("stop_signal: \"SIGTERM\" → \"SIGINT\"") { $0.stop.signal = 2 },
            Case("stop_grace_period: 10.0 seconds → 1.0 seconds") {
                $0.stop.grace = .seconds(1)
            },
            Case("restart: \"no\" → \"always\"") { $0.restart = .always },
            Case("healthcheck removed") { $0.healthcheck = nil },
            Case("healthcheck.test changed") { $0.healthcheck?.command = ["x"] },
            Case("healthcheck.retries: 3 → 9") { $0.healthcheck?.retries = 9 },
            Case("logging changed") { $0.log.maximumFiles = 9 },
            Case("tty is on now") { $0.streams = .terminal(input: .none) },
            Case("tty is on now, stdin_open is on now") { $0.streams = .terminal(input: .open) },
            Case("stdin_open is on now") { $0.streams = .pipes(input: .open) },
            Case("labels.a: 1 → 2") { $0.labels["a"] = "2" },
            Case("annotations changed") { $0.annotations = ["a": "b"] },
            Case("privileged is on now") { $0.security = .privileged },
            Case("security_opt changed") { $0.security.appArmor = "own" },
            Case("mem_reservation added (1)") { $0.resources.memoryReservationBytes = 1 },
            Case("memswap_limit added (-1)") { $0.resources.memorySwapBytes = -1 },
            Case("mem_swappiness added (1)") { $0.resources.memorySwappiness = 1 },
            Case("oom_kill_disable is on now") { $0.resources.oomKillIsDisabled = true },
            Case("oom_score_adj added (-5)") { $0.resources.oomScoreAdjustment = -5 },
            Case("cpus added (0.5)") { $0.resources.nanoCPUs = 500_000_000 },
            Case("cpu_rt_period added (5)") { $0.resources.cpuRealtimePeriodMicroseconds = 5 },
            Case("cpu_rt_runtime added (5)") { $0.resources.cpuRealtimeRuntimeMicroseconds = 5 },
            Case("blkio_config changed") { $0.resources.blockIO = BlockIOLimits() },
            Case("cgroup_parent added (\"/a\")") { $0.resources.cgroupParent = "/a" },
            Case("devices./b added") {
                $0.devices = DeviceSpec()
                $0.devices?.mappings = [.init(source: "/a", target: "/b", access: .all)]
            },
            Case("x-berth.on_unhealthy added (\"restart\")") { $0.onUnhealthy = .restart },
            Case("x-berth.healthcheck changed") {
                $0.healthcheck = Healthcheck(command: ["check"])
                $0.healthcheck?.outside = .tcp(host: "127.0.0.1", port: 1)
            },
            Case("device_cgroup_rules.c 1:3 rw added") {
                $0.devices = DeviceSpec()
                $0.devices?.rules = [DeviceRule(.character, 1, 3, [.read, .write])]
            },
        ]
    )
    func words(test: Case) {
        var changed = spec
        test.change(&changed)
        #expect(SpecDifference(from: spec, to: changed).summary == test.words)
    }

    /// One change and what is said of it.
    struct Case: Sendable {
        let words: String
        let change: @Sendable (inout ContainerSpec) -> Void

        init(_ words: String, _ change: @escaping @Sendable (inout ContainerSpec) -> Void) {
            self.words = words
            self.change = change
        }
    }

    @Test("a container from before exposed ports were kept is not recreated for them")
    func unknownExposure() {
        var old = spec
        old.exposed = nil
        var new = spec
        new.exposed = [ExposedPorts(PortRange(90, 90))]
        #expect(SpecDifference(from: old, to: new).changes.isEmpty)
    }

    @Test("no container is recreated for what is only shown")
    func shown() {
        var old = spec
        old.asked = nil
        var new = spec
        new.asked = AskedSettings()
        new.asked?.entrypointCount = 1
        #expect(SpecDifference(from: old, to: new).changes.isEmpty)
    }

    @Test("knows every stored field of the spec")
    func complete() {
        let fields = Mirror(reflecting: spec).children.compactMap(\.label)
        #expect(
            fields == [
                "image", "imageName", "process", "hostname", "domainName", "mounts", "volumesFrom",
                "readOnlyRoot", "usesInit", "security", "resources", "devices", "shmSizeBytes",
                "network", "namespaces", "sysctls", "isRemovedAtEnd", "ports", "exposed",
                "extraHosts",
                "dns", "links", "stop", "restart", "healthcheck", "onUnhealthy", "hooks", "log",
                "streams",
                "labels",
                "annotations", "asked",
            ],
            "a new field needs its words in SpecDifference, then a name here"
        )
    }

    @Test("a long list is cut, and no value of a variable is shown")
    func cut() {
        var changed = spec
        changed.process.environment = ["A=secret", "B=2", "C=3", "COLOR=blue"]
        let summary = SpecDifference(from: spec, to: changed).summary
        #expect(
            summary == "environment.A added, environment.B added, environment.C added and 2 more"
        )
    }
}
