import ContainerRuntime
import GoTemplate
import OCI
import Testing

@testable import DockerViews
@testable import Engine

/// Facts of containers that ran under docker compose 2.40.3, and what that printed of them. Only the
/// second address, which docker publishes for IPv6, is left out.
@Suite("containers in listings")
struct ContainerRowTests {
    /// 2026-11-28 14:37:39 UTC
    static let created = Timestamp(nanoseconds: 1_795_876_659_000_000_000)
    /// `2026-11-28 14:37:39 +0000 UTC` where that is the time zone.
    static let createdAt = HumanTime.local(created)
    static let now = Timestamp(nanoseconds: created.nanoseconds + 4_000_000_000)

    static func row(
        _ name: String,
        _ digits: Character,
        _ state: ContainerRecord.Status,
        _ change: (inout ContainerRow) -> Void
    ) -> ContainerRow {
        var row = ContainerRow(
            id: String(repeating: digits, count: 64),
            name: "pst-\(name)-1",
            image: "busybox",
            state: state,
            createdAt: created
        )
        row.project = "pst"
        row.service = name
        row.networks = ["pst_default"]
        change(&row)
        return row
    }

    static let done = row("done", "7", .exited) {
        $0.arguments = ["sh", "-c", "exit 4"]
        $0.exitCode = 4
        $0.startedAt = created
        $0.finishedAt = Timestamp(nanoseconds: created.nanoseconds + 1_000_000_000)
    }

    static let never = row("never", "1", .created) {
        $0.arguments = ["nginx", "-g", "daemon off;error_log stderr;"]
    }

    static let web = row("web", "5", .running) {
        $0.arguments = ["sh", "-c", "sleep 1000 # \"quoted\" and long & more"]
        $0.labels = ["com.example.some-label": "a,b=c", "z": "<&>"]
        $0.networks = ["pst_n1", "pst_n2"]
        $0.mounts = [
            .volume("pst_data"), .path("/tmp"), .volume(String(repeating: "25f97c17", count: 8)),
        ]
        $0.health = .healthy
        $0.startedAt = created
        $0.ports = [
            .init(address: "0.0.0.0", published: 18080, target: 80, transport: "tcp"),
            .init(address: "127.0.0.1", published: 18090, target: 90, transport: "tcp"),
            .init(address: "0.0.0.0", published: 5353, target: 53, transport: "udp"),
            .init(target: 9000, transport: "tcp"), .init(target: 70, transport: "udp"),
            .init(target: 9001, transport: "tcp"),
        ]
    }

    static func lines(
        _ format: String,
        truncates: Bool = true,
        _ rows: [ContainerRow] = [done, never, web]
    ) throws -> [String] {
        try ContainerRow.listing(format: format).lines(
            rows.map { $0.row(truncates: truncates, now: now) }
        )
    }

    @Test("the table has docker compose's columns and widths")
    func table() throws {
        let ports =
            "70/udp, 9000-9001/tcp, 0.0.0.0:5353->53/udp, 0.0.0.0:18080->80/tcp, "
            + "127.0.0.1:18090->90/tcp"
        #expect(
            try Self.lines("table") == [
                "NAME          IMAGE     COMMAND                  SERVICE   CREATED         "
                    + "STATUS                     PORTS",
                "pst-done-1    busybox   \"sh -c 'exit 4'\"         done      4 seconds ago   "
                    + "Exited (4) 3 seconds ago",
                "pst-never-1   busybox   \"nginx -g 'daemon of…\"   never     4 seconds ago   "
                    + "Created",
                "pst-web-1     busybox   \"sh -c 'sleep 1000 #…\"   web       4 seconds ago   "
                    + "Up 4 seconds (healthy)     " + ports,
            ]
        )
    }

    @Test("JSON has docker compose's fields, in its order and of its types")
    func json() throws {
        #expect(
            try Self.lines("json") == [
                #"{"Command":"\"sh -c 'exit 4'\"","CreatedAt":"\#(Self.createdAt)","#
                    + #""ExitCode":4,"Health":"","ID":"777777777777","Image":"busybox","#
                    + #""Labels":"","LocalVolumes":"0","Mounts":"","Name":"pst-done-1","#
                    + #""Names":"pst-done-1","Networks":"pst_default","Ports":"","#
                    + #""Project":"pst","Publishers":[],"RunningFor":"4 seconds ago","#
                    + #""Service":"done","Size":"0B","State":"exited","#
                    + #""Status":"Exited (4) 3 seconds ago"}"#,
                #"{"Command":"\"nginx -g 'daemon of…\"","#
                    + #""CreatedAt":"\#(Self.createdAt)","ExitCode":0,"Health":"","#
                    + #""ID":"111111111111","Image":"busybox","Labels":"","#
                    + #""LocalVolumes":"0","Mounts":"","Name":"pst-never-1","#
                    + #""Names":"pst-never-1","Networks":"pst_default","Ports":"","#
                    + #""Project":"pst","Publishers":[],"RunningFor":"4 seconds ago","#
                    + #""Service":"never","Size":"0B","State":"created","Status":"Created"}"#,
                #"{"Command":"\"sh -c 'sleep 1000 #…\"","#
                    + #""CreatedAt":"\#(Self.createdAt)","ExitCode":0,"#
                    + #""Health":"healthy","ID":"555555555555","Image":"busybox","#
                    + #""Labels":"com.example.some-label=a,b=c,z=\u003c\u0026\u003e","#
                    + #""LocalVolumes":"2","Mounts":"pst_data,/tmp,25f97c1725f97c…","#
                    + #""Name":"pst-web-1","Names":"pst-web-1","Networks":"pst_n1,pst_n2","#
                    + #""Ports":"70/udp, 9000-9001/tcp, 0.0.0.0:5353-\u003e53/udp, "#
                    + #"0.0.0.0:18080-\u003e80/tcp, 127.0.0.1:18090-\u003e90/tcp","#
                    + #""Project":"pst","Publishers":["#
                    + #"{"URL":"0.0.0.0","TargetPort":53,"PublishedPort":5353,"Protocol":"udp"},"#
                    + #"{"URL":"","TargetPort":70,"PublishedPort":0,"Protocol":"udp"},"#
                    + #"{"URL":"0.0.0.0","TargetPort":80,"PublishedPort":18080,"#
                    + #""Protocol":"tcp"},"#
                    + #"{"URL":"127.0.0.1","TargetPort":90,"PublishedPort":18090,"#
                    + #""Protocol":"tcp"},"#
                    + #"{"URL":"","TargetPort":9000,"PublishedPort":0,"Protocol":"tcp"},"#
                    + #"{"URL":"","TargetPort":9001,"PublishedPort":0,"Protocol":"tcp"}],"#
                    + #""RunningFor":"4 seconds ago","Service":"web","Size":"0B","#
                    + #""State":"running","Status":"Up 4 seconds (healthy)"}"#,
            ]
        )
    }

    @Test(
        "templates have every field, and what has several values one by one",
        arguments: [
            ("{{.ExitCode}} {{.Publishers}}", "4 []"),
            ("{{if eq .ExitCode 4}}failed{{end}}", "failed"),
            ("{{.Label \"none\"}}|{{.Size}}", "|0B"),
        ]
    )
    func template(text: String, expected: String) throws {
        #expect(try Self.lines(text, [Self.done]) == [expected])
    }

    @Test("publishers print as docker's, and can be walked")
    func publishers() throws {
        var row = Self.web
        row.ports = [
            .init(target: 81, transport: "tcp"),
            .init(address: "0.0.0.0", published: 32768, target: 80, transport: "tcp"),
        ]
        #expect(
            try Self.lines("{{.Publishers}}", [row]) == ["[{0.0.0.0 80 32768 tcp} { 81 0 tcp}]"]
        )
        #expect(
            try Self.lines("{{range .Publishers}}{{.URL}}:{{.PublishedPort}} {{end}}", [row])
                == ["0.0.0.0:32768 :0 "]
        )
    }

    @Test("a field that does not exist is an error that names docker's type")
    func unknownField() {
        #expect(throws: DockerViewsError.self) { try Self.lines("{{.Foo}}") }
        do {
            _ = try Self.lines("{{.Foo}}")
        } catch {
            #expect(
                "\(error)" == "template parsing error: template: :1:2: executing \"\" at <.Foo>: "
                    + "can't evaluate field Foo in type *formatter.ContainerContext"
            )
        }
    }

    @Test("nothing is cut with --no-trunc, and quotes inside are escaped")
    func whole() throws {
        let line = try Self.lines("{{.Command}}|{{.ID}}|{{.Mounts}}", truncates: false, [Self.web])
        let hex = String(repeating: "25f97c17", count: 8)
        #expect(
            line == [
                #""sh -c 'sleep 1000 # \"quoted\" and long & more'"|"#
                    + String(repeating: "5", count: 64) + "|pst_data,/tmp,\(hex)"
            ]
        )
    }

    @Test("the records give the ports that are only exposed, the mounts in order, and the volumes")
    func records() throws {
        var spec = ContainerSpec(
            image: .of([]),
            imageName: "app",
            process: ProcessSpec(arguments: ["/app"])
        )
        spec.network = .attached([NetworkAttachment(network: "shop_default")])
        spec.ports = [PortBinding(hostPort: 8080, containerPort: 80)]
        spec.exposed = ["80/tcp", "80/udp", "90-91"].compactMap { ExposedPorts($0) }
        spec.mounts = [
            MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/anon"),
            MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: "/tmp"),
            MountSpec(source: .bind(path: "/srv", create: true), target: "/srv"),
            MountSpec(source: .volume(name: "shop_data", copiesImageContent: true), target: "/d"),
        ]
        var record = try Records.container(.running, code: nil)
        record.specJSON = try SpecHash.canonicalJSON(spec)
        record.published = spec.ports
        let uses = ["/anon": "f00", "/d": "shop_data"].map {
            VolumeUse(container: record.id, target: $0.key, volume: $0.value)
        }
        func row(_ record: ContainerRecord) -> ContainerRow {
            ContainerRow(
                ObservedContainer(record: record, endpoints: [], volumes: uses, initPID: nil)
            )
        }
        #expect(row(record).mounts == [.volume("f00"), .path("/srv"), .volume("shop_data")])
        #expect(
            PortColumn.text(row(record).ports) == "80/udp, 90-91/tcp, 0.0.0.0:8080->80/tcp"
        )
        // What is not published after all, as in a network that is internal.
        record.published = []
        #expect(PortColumn.text(row(record).ports) == "80/tcp, 90-91/tcp, 80/udp")
        record.status = .exited
        #expect(row(record).ports.isEmpty)
    }

    @Test(
        "commands are cut by columns of a terminal",
        arguments: [
            (["12345678901234567890"], #""12345678901234567890""#),
            (["123456789012345678901"], #""1234567890123456789…""#),
            (["日本語日本語日本語日本語"], #""日本語日本語日本語…""#),
            (["a", "b\nc\u{1B}[31m"], #""a b\nc\x1b[31m""#),
            (["a b", "c d"], #""a b 'c d'""#), ([], #""""#),
        ] as [([String], String)]
    )
    func command(arguments: [String], expected: String) throws {
        var row = Self.done
        row.arguments = arguments
        #expect(try Self.lines("{{.Command}}", [row]) == [expected])
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
            record: try Records.container(status, code: code),
            endpoints: [],
            volumes: [],
            initPID: nil
        )
        let row = ContainerRow(container).row(truncates: true, now: .now())
        #expect(row["ExitCode"]?.json == "\(shown)")
        #expect(row["Status"]?.printed.hasPrefix(words) == true)
    }
}

@Suite("which containers ps shows")
struct ContainerSelectionTests {
    @Test(
        "states come from --status and --filter together, and ask for stopped ones",
        arguments: [
            ([], nil, false, [], false), ([], nil, true, [], true),
            (["running"], nil, false, ["running"], true),
            ([], "status=exited", false, ["exited"], true),
            (["running", "dead"], "status=exited", false, ["dead", "exited", "running"], true),
        ] as [([String], String?, Bool, Set<String>, Bool)]
    )
    func states(
        states: [String],
        filter: String?,
        all: Bool,
        expected: Set<String>,
        includesAll: Bool
    ) throws {
        let selection = try ContainerSelection(states: states, filter: filter, all: all)
        #expect(selection.states == expected)
        #expect(selection.includesAll == includesAll)
    }

    @Test(
        "what is not known is refused with what is",
        arguments: [
            (["Running"], nil, "--status takes one of paused, restarting, removing, running"),
            ([], "status=up", "--filter status takes one of paused, restarting"),
            ([], "health=healthy", "unknown filter health"),
            ([], "status", "arguments to --filter should be in form KEY=VAL"),
            ([], "source=image", "`ps` does not filter by source; status=STATE is there"),
        ] as [([String], String?, String)]
    )
    func refusals(states: [String], filter: String?, words: String) {
        do {
            _ = try ContainerSelection(states: states, filter: filter, all: false)
            Issue.record("was taken")
        } catch {
            #expect("\(error)".hasPrefix(words))
        }
    }

    @Test(
        "without options what runs is shown, and nothing that `run` made",
        arguments: [
            (ContainerRecord.Status.created, false, [], false, false),
            (.running, false, [], false, true), (.restarting, false, [], false, true),
            (.exited, false, [], false, false), (.running, true, [], false, false),
            (.exited, true, [], true, true), (.exited, false, ["running"], true, false),
            (.exited, false, ["exited"], false, true),
        ] as [(ContainerRecord.Status, Bool, [String], Bool, Bool)]
    )
    func shows(
        status: ContainerRecord.Status,
        isOneOff: Bool,
        states: [String],
        all: Bool,
        expected: Bool
    ) throws {
        var record = try Records.container(status, code: nil)
        record.isOneOff = isOneOff
        record.service = "web"
        var selection = try ContainerSelection(states: states, filter: nil, all: all)
        #expect(selection.shows(record) == expected)
        selection.services = ["db"]
        #expect(!selection.shows(record))
    }
}
