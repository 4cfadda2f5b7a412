import ContainerRuntime
import GoTemplate
import OCI
import Testing

@testable import DockerViews
@testable import Engine

@Suite("ports, processes, usage and events in listings")
struct UsageViewTests {
    @Test("published ports are shown as docker's port does")
    func ports() {
        let ports = PublishedPorts([
            PortBinding(hostAddress: "::", hostPort: 8080, containerPort: 80),
            PortBinding(hostPort: 8080, containerPort: 80),
            PortBinding(
                hostAddress: "127.0.0.1",
                hostPort: 5353,
                containerPort: 53,
                transport: .udp
            ),
        ])
        #expect(
            ports.lines == [
                "53/udp -> 127.0.0.1:5353", "80/tcp -> 0.0.0.0:8080", "80/tcp -> [::]:8080",
            ]
        )
        #expect(ports.first(of: 80, "tcp") == "0.0.0.0:8080")
        #expect(ports.places(of: 80, "tcp") == ["0.0.0.0:8080", "[::]:8080"])
        #expect(ports.first(of: 80, "udp") == nil)
    }

    @Test("processes have the columns that ps is asked for")
    func processes() throws {
        let own = try ContainerProcess(of: 1, MachineAccounts())
        let full = try ProcessTable()
        #expect(full.titles == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"])
        let row = try #require(full.rows([own]).first)
        #expect(row[1] == "1" && row[2] == "0")
        #expect(row[6].wholeMatch(of: /(\d+-)?\d\d:\d\d:\d\d/) != nil)
        #expect(try ProcessTable(options: ["aux"]).titles.first == "USER")
        let some = try ProcessTable(options: ["-o", "pid,comm"])
        #expect(some.titles == ["PID", "COMMAND"])
        let words = try ProcessTable(options: ["-eo", "pid,tty,args,cmd"])
        #expect(words.titles == ["PID", "TT", "COMMAND", "CMD"])
        #expect(some.rows([own]) == [["1", own.name]])
        for options in [["-o", "pid,nothing"], ["--forest"]] {
            let error = #expect(throws: DockerViewsError.self) {
                try ProcessTable(options: options)
            }
            #expect(error.map { "\($0)".contains("top does not know") } == true)
        }
    }

    private static let record: ContainerRecord = {
        var record = ContainerRecord(
            id: ContainerID(String(repeating: "a", count: 64)) ?? .random(),
            name: "shop-web-1",
            image: .of(Array("image".utf8)),
            specJSON: "{}",
            specHash: .of(Array("{}".utf8)),
            createdAt: Timestamp(nanoseconds: 0)
        )
        record.project = "shop"
        return record
    }()

    @Test("the share of the processors is counted between two looks; sizes are docker's")
    func usage() throws {
        let start = ContinuousClock.now
        var cgroup = CgroupUsage()
        cgroup.computedNanoseconds = 1_000_000_000
        cgroup.processes = 3
        let before = ContainerUsage(takenAt: start, cgroup: cgroup, machineMemoryBytes: 1 << 30)
        cgroup.computedNanoseconds = 2_505_000_000
        cgroup.memoryBytes = 1_089_470
        cgroup.memoryLimit = 64 << 20
        cgroup.writtenBytes = 12_000
        var now = ContainerUsage(
            takenAt: start + .seconds(1),
            cgroup: cgroup,
            machineMemoryBytes: 1 << 30
        )
        now.receivedBytes = 528
        now.sentBytes = 84
        let row = StatsRow(Self.record, before: before, now: now).row(truncates: true)
        func cell(_ name: String) -> String { row[name]?.printed ?? "" }
        #expect(cell("ID") == "aaaaaaaaaaaa" && cell("CPUPerc") == "150.50%")
        #expect(cell("MemUsage") == "1.039MiB / 64MiB" && cell("MemPerc") == "1.62%")
        #expect(cell("NetIO") == "528B / 84B" && cell("BlockIO") == "0B / 12kB")
        #expect(cell("PIDs") == "3")
        let none = StatsRow(Self.record, before: nil, now: nil).row(truncates: false)
        #expect(none["MemUsage"]?.printed == "0B / 0B")
        #expect(none["CPUPerc"]?.printed == "0.00%")
        let lines = try StatsRow.listing(format: "").lines([row])
        #expect(lines.first?.hasPrefix("CONTAINER ID   NAME         CPU %     MEM USAGE") == true)
    }

    @Test("an event is docker compose's line, and its object")
    func events() {
        let event = EventRecord(
            sequence: 1,
            time: Timestamp(nanoseconds: 1_795_876_659_073_824_670),
            kind: .container,
            action: "die",
            subject: "abc",
            name: "shop-web-1",
            project: "shop",
            attributes: ["exitCode": "3", "service": "web"]
        )
        let row = EventRow(
            event,
            container: EventSubject(
                image: "busybox",
                labels: ["tier": "front", "com.docker.compose.project": "shop"]
            )
        )
        #expect(row.service == "web")
        #expect(
            row.composeText.hasSuffix(
                ".073824 container die abc (exitCode=3, image=busybox, "
                    + "name=shop-web-1, tier=front)"
            )
        )
        #expect(
            row.composeJSON == """
                {"action":"die","attributes":{"exitCode":"3","image":"busybox",\
                "name":"shop-web-1","tier":"front"},"id":"abc","service":"web",\
                "time":"2026-11-28T14:37:39.073824670Z","type":"container"}
                """
        )
    }
}
