import Addresses
import ContainerRuntime
import GoTemplate
import OCI
import Testing

@testable import DockerViews
@testable import Engine

/// Rows, filters and events of docker's commands that look and keep house.
@Suite("views of the house")
struct HouseViewTests {
    private static let created = Timestamp(nanoseconds: 1_767_323_045_060_000_000)

    private static func network(_ name: String) throws -> NetworkRecord {
        var network = NetworkRecord(
            id: try #require(NetworkID(String(repeating: "d", count: 64))),
            name: name,
            ipv4: AddressBlock(
                try #require(IPv4Subnet("172.18.0.0/16")),
                gateway: try #require(IPv4Address("172.18.0.1"))
            ),
            createdAt: created
        )
        network.labels = ["a": "b"]
        return network
    }

    @Test("the networks that are always there stand among the others, and give way to their name")
    func predefined() throws {
        let some = ListedNetwork.all([try Self.network("apple")])
        #expect(some.map(\.name) == ["apple", "bridge", "host", "none"])
        #expect(some.map(\.driver) == ["bridge", "bridge", "host", "null"])
        let own = ListedNetwork.all([try Self.network("bridge")])
        #expect(own.map(\.name) == ["bridge", "host", "none"])
        #expect(own[0].id.hasPrefix("d"))
        #expect(Set(some.map(\.id)).count == 4)
    }

    @Test("a network's row has docker's members")
    func networkRow() throws {
        let row = NetworkRow.row(.own(try Self.network("apple")), truncates: true)
        #expect(
            GoValue.map(row).json == """
                {"CreatedAt":"2026-01-02 03:04:05.060000000 +0000 UTC","Driver":"bridge",\
                "ID":"dddddddddddd","IPv4":"true","IPv6":"false","Internal":"false",\
                "Labels":"a=b","Name":"apple","Scope":"local"}
                """
        )
    }

    @Test(
        "networks are chosen by docker's filters",
        arguments: [
            (["driver=bridge"], true, true), (["driver=host"], true, false),
            (["name=ppl"], true, true), (["name=x"], true, false), (["id=dd"], true, true),
            (["label=a"], true, true), (["label=a=c"], true, false), (["type=custom"], true, true),
            (["type=builtin"], true, false), (["dangling=true"], false, true),
            (["dangling=true"], true, false), (["scope=swarm"], true, false),
            (["name=x", "name=apple"], true, true), (["name=apple", "driver=host"], true, false),
        ] as [([String], Bool, Bool)]
    )
    func networkFilters(texts: [String], isUsed: Bool, isShown: Bool) throws {
        let network = ListedNetwork.own(try Self.network("apple"))
        #expect(try NetworkFilters(texts).show(network, isUsed: isUsed) == isShown)
    }

    @Test(
        "containers are chosen by docker's filters",
        arguments: [
            (["status=exited"], true), (["status=running"], false), (["exited=3"], true),
            (["exited=0", "exited=3"], true), (["exited=0"], false), (["name=web"], true),
            (["name=^/shop-web-1$"], true), (["name=^web"], false), (["label=tier"], true),
            (["label=tier", "label=other"], false), (["health=none"], true),
            (["health=healthy"], false), (["expose=8000-8010"], true), (["expose=8000/udp"], false),
            (["publish=80"], false), (["is-task=false"], true), (["is-task=true"], false),
            (["network=none"], true), (["network=other"], false), (["isolation=hyperv"], false),
            (["volume=/data"], true), (["volume=/other"], false), (["ancestor=app"], false),
        ] as [([String], Bool)]
    )
    func containerFilters(texts: [String], isShown: Bool) throws {
        var spec = ContainerSpec(
            image: .of([]),
            imageName: "app",
            process: ProcessSpec(arguments: ["/app"])
        )
        spec.exposed = [try #require(ExposedPorts("8001/tcp"))]
        spec.mounts = [
            MountSpec(source: .bind(path: "/host", create: true), target: "/data")
        ]
        var record = ContainerRecord(
            id: .random(),
            name: "shop-web-1",
            image: .of([]),
            specJSON: try SpecHash.canonicalJSON(spec),
            specHash: try SpecHash.hash(of: spec),
            createdAt: Self.created
        )
        record.status = .exited
        record.exitCode = 3
        record.labels = ["tier": "front"]
        let container = ObservedContainer(record: record, endpoints: [], volumes: [], initPID: nil)
        #expect(try ContainerFilters(texts).show(container, .init()) == isShown)
    }

    @Test(
        "filters that cannot be meant are refused in docker's words",
        arguments: [
            ("foo=x", "invalid filter 'foo'"),
            (
                "status=foo",
                "invalid filter 'status=foo': invalid value for state (foo): must be one "
                    + "of created, running, paused, restarting, removing, exited, dead"
            ),
            (
                "health=foo",
                "invalid filter 'health=foo': invalid value for health (foo): must be one "
                    + "of none, starting, healthy, unhealthy"
            ),
            (
                "exited=foo",
                #"invalid filter 'exited=foo': strconv.Atoi: parsing "foo": invalid syntax"#
            ),
            (
                "publish=foo",
                #"error while looking up for publish foo: strconv.ParseUint: parsing "foo": "#
                    + "invalid syntax"
            ),
        ]
    )
    func refusedFilters(text: String, words: String) {
        let error = #expect(throws: DockerViewsError.self) { try ContainerFilters([text]) }
        #expect(error?.description == words)
    }

    private static func event(_ kind: EventRecord.Kind, _ action: String) -> EventRecord {
        EventRecord(
            sequence: 1,
            time: created,
            kind: kind,
            action: action,
            subject: "abc123",
            name: "web",
            project: "shop",
            attributes: ["service": "web"]
        )
    }

    @Test("an event of a container has docker's members, and templates Go's names")
    func containerEvent() throws {
        let event = DockerEvent(
            Self.event(.container, "start"),
            container: .init(image: "ubuntu", labels: ["k": "v"])
        )
        #expect(
            GoValue.map(event.value).json == """
                {"status":"start","id":"abc123","from":"ubuntu","Type":"container",\
                "Action":"start","Actor":{"ID":"abc123","Attributes":{"image":"ubuntu","k":"v",\
                "name":"web"}},"scope":"local","time":1767323045,"timeNano":1767323045060000000}
                """
        )
        #expect(event.text.contains(" container start abc123 (image=ubuntu, k=v, name=web)"))
        #expect(event.text.contains(".060000000"))
        let template = try Template(parsing: "{{.Status}} {{.From}} {{.Actor.Attributes.k}}")
        #expect(try template.render(.map(event.value)) == "start ubuntu v")
    }

    @Test(
        "events are chosen by docker's filters",
        arguments: [
            (["type=container"], true), (["type=network"], false), (["event=start"], true),
            (["event=stop"], false), (["container=web"], true), (["container=abc"], true),
            (["container=other"], false), (["image=ubuntu"], true), (["image=other"], false),
            (["label=k=v"], true), (["label=k=x"], false), (["network=web"], false),
            (["event=stop", "event=start"], true), (["container=we"], true),
            (["container=eb"], false),
            (["image=ubuntu:latest"], false), (["daemon=other"], false), (["scope=swarm"], false),
            (["container=web", "network=web"], false),
        ] as [([String], Bool)]
    )
    func eventFilters(texts: [String], isShown: Bool) throws {
        let event = DockerEvent(
            Self.event(.container, "start"),
            container: .init(image: "ubuntu", labels: ["k": "v"])
        )
        #expect(event.meets(try Filters(texts, known: DockerEvent.filters)) == isShown)
    }
}
