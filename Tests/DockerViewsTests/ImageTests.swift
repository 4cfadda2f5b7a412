import Engine
import GoTemplate
import OCI
import SystemPackage
import Testing

@testable import DockerViews

@Suite("images in listings")
struct ImageTests {
    static let configuration = #"""
        {"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05Z","author":"me",
         "docker_version":"20.1",
         "config":{"Env":["A=1"],"Cmd":["sh"],"Labels":{"k":"v"},"ExposedPorts":{"80/tcp":{}}},
         "rootfs":{"type":"layers","diff_ids":["sha256:\#(String(repeating: "1", count: 64))"]},
         "history":[{"created":"2026-01-02T03:04:05Z","created_by":"ADD a\tb","comment":"first"},
          {"created":"1970-01-01T00:00:00Z","created_by":"CMD","empty_layer":true}]}
        """#

    static func image(
        _ names: [String],
        layerBytes: [Int64?] = [4_260_000]
    ) throws -> KnownImage {
        let bytes = Array(configuration.utf8)
        let layer = try #require(Digest(hex: String(repeating: "1", count: 64)))
        let record = ImageRecord(
            id: .of(bytes),
            manifest: nil,
            configuration: bytes,
            layers: [.init(diffID: layer, blob: nil)],
            sizeBytes: 1,
            recordedAt: .now()
        )
        return try KnownImage(
            record,
            names: names.map {
                ImageName(
                    reference: $0,
                    image: record.id,
                    updatedAt: Timestamp(nanoseconds: 1_767_323_045_000_000_000)
                )
            },
            layerBytes: layerBytes,
            layerFolders: ["/layers/1/fs"]
        )
    }

    static let digest = "sha256:" + String(repeating: "2", count: 64)
    static let now = Timestamp(nanoseconds: 1_767_323_045_000_000_000 + 3_600_000_000_000 * 50)

    @Test(
        "an image that does not say when it was made counts from 1970, and Go's zero is no time",
        arguments: [
            ("", "56 years ago|1970-01-01 00:00:00"),
            (#""created":"1999-01-01T00:00:00Z","#, "27 years ago|1999-01-01 00:00:00"),
            (#""created":"0001-01-01T00:00:00Z","#, "N/A|0001-01-01 00:00:00"),
        ]
    )
    func created(member: String, shown: String) throws {
        let text = """
            {\(member)"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}
            """
        let record = ImageRecord(
            id: .of(Array(text.utf8)),
            manifest: nil,
            configuration: Array(text.utf8),
            layers: [],
            sizeBytes: 0,
            recordedAt: .now()
        )
        let image = try KnownImage(record, names: [], layerBytes: [])
        let row = try #require(
            ImageRow.rows(of: image, withDigests: false, truncates: true, now: Self.now).first
        )
        let line = try RowListing(format: "{{.CreatedSince}}|{{.CreatedAt}}", columns: [])
            .lines([row.fields])
        #expect(line[0].hasPrefix(shown), "\(line[0])")
    }

    @Test("say N/A for the size when a layer is lost")
    func lostLayer() throws {
        let image = try Self.image(["docker.io/library/app:1"], layerBytes: [nil])
        var row = try #require(
            ImageRow.rows(of: image, withDigests: false, truncates: true).first
        )
        row.sizes = (0, 1)
        let format = "{{.Size}} {{.VirtualSize}} {{.UniqueSize}} {{.SharedSize}}"
        #expect(
            try RowListing(format: format, columns: []).lines([row.fields]) == ["N/A N/A N/A 0B"]
        )
        #expect(ImageHistory(of: image).entries.map(\.size) == [0, nil])
    }

    @Test("of a project show the repository of one that is pinned, and no size of one that is gone")
    func project() throws {
        let pinned = "docker.io/library/app@\(Self.digest)"
        let image = try Self.image([pinned, "docker.io/other/name:2"])
        func shown(_ name: String, _ image: KnownImage?) -> String {
            let id = Digest.of(Array("x".utf8))
            return GoValue.map(ProjectImageRow.fields("p-web-1", of: id, madeAs: name, image)).json
        }
        for name in ["app@\(Self.digest)", "app:1@\(Self.digest)"] {
            let json = shown(name, image)
            #expect(json.contains(#""Repository":"app","Tag":"<none>""#), "\(json)")
            #expect(json.contains(#""Size":4260000"#), "\(json)")
        }
        #expect(shown("app@\(Self.digest)", nil).contains(#""Size":null"#))
        let lost = try Self.image([pinned], layerBytes: [nil])
        #expect(shown("app@\(Self.digest)", lost).contains(#""Size":null"#))
    }

    @Test("have one row per tag, and say <none> where there is none")
    func rows() throws {
        func shown(_ names: [String], digests: Bool = false) throws -> [String] {
            try RowListing(
                format: "{{.Repository}} {{.Tag}} {{.Digest}} {{.Size}} {{.CreatedSince}}",
                columns: []
            ).lines(
                ImageRow.rows(
                    of: Self.image(names),
                    withDigests: digests,
                    truncates: true,
                    now: Self.now
                ).map(\.fields)
            )
        }
        let end = "4.26MB 2 days ago"
        #expect(try shown([]) == ["<none> <none> <none> \(end)"])
        let two = ["docker.io/library/a:1", "docker.io/library/a:2"]
        #expect(try shown(two) == ["a 1 <none> \(end)", "a 2 <none> \(end)"])
        let pinned = ["docker.io/library/a:1", "docker.io/library/a@\(Self.digest)"]
        #expect(try shown(pinned) == ["a 1 <none> \(end)"])
        #expect(try shown(pinned, digests: true) == ["a 1 \(Self.digest) \(end)"])
        #expect(
            try shown(["localhost:5000/x/y@\(Self.digest)"])
                == ["localhost:5000/x/y <none> <none> \(end)"]
        )
    }

    @Test("inspect has docker's members in docker's order")
    func inspection() throws {
        let image = try Self.image(["docker.io/library/a:1", "docker.io/library/a@\(Self.digest)"])
        let value = try ImageInspection(image).value
        #expect(
            value.json == """
                {"Id":"\(image.record.id)","RepoTags":["a:1"],"RepoDigests":["a@\(Self.digest)"],\
                "Parent":"","Comment":"","Created":"2026-01-02T03:04:05Z","DockerVersion":"20.1",\
                "Author":"me","Architecture":"amd64","Os":"linux","Size":4260000,\
                "GraphDriver":{"Data":{"UpperDir":"/layers/1/fs"},\
                "Name":"overlay2"},\
                "RootFS":{"Type":"layers","Layers":["sha256:\(String(repeating: "1", count: 64))"]},\
                "Metadata":{"LastTagTime":"2026-01-02T03:04:05.000000000Z"},\
                "Config":{"Cmd":["sh"],"Entrypoint":null,"Env":["A=1"],"ExposedPorts":{"80/tcp":{}},\
                "Labels":{"k":"v"},"OnBuild":null,"User":"","Volumes":null,"WorkingDir":""}}
                """
        )
        func text(_ template: String) throws -> String {
            try Template(parsing: template).render(value)
        }
        #expect(try text("{{.Os}}/{{.Architecture}}{{.Variant}}") == "linux/amd64")
        #expect(try text("{{.Config.Entrypoint}}{{.Config.Volumes}}{{.Config.User}}") == "[]map[]")
        #expect(try text("{{index .Config.Labels \"no\"}}{{.Config.Labels.k}}") == "v")
        #expect(
            try text("{{.Metadata}}") == "map[LastTagTime:2026-01-02T03:04:05.000000000Z]"
        )
        #expect(try text("{{json .Config.Cmd}}{{len .RepoTags}}") == #"["sh"]1"#)
        let error = #expect(throws: TemplateError.self) { try text("{{.Foo}}") }
        #expect(
            error?.description
                == #"template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo""#
        )
    }

    @Test("history rows are docker's")
    func history() throws {
        let digest = try #require(Digest(Self.digest))
        let entry = ImageHistory.Entry(
            id: digest,
            step: .init(
                created: "2026-01-02T03:04:05Z",
                createdBy: "RUN\t" + String(repeating: "x", count: 60),
                comment: "c"
            ),
            size: 1500
        )
        func text(_ row: GoMap) throws -> [String] {
            try RowListing(
                format: "{{.ID}}|{{.CreatedSince}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}",
                columns: []
            ).lines([row])
        }
        #expect(
            try text(entry.row(isHuman: true, truncates: true, now: Self.now)) == [
                "222222222222|2 days ago|RUN " + String(repeating: "x", count: 40) + "…|1.5kB|c"
            ]
        )
        let older = ImageHistory.Entry(
            step: .init(created: "1980-01-01T00:00:00Z", createdBy: "a"),
            size: 0
        )
        #expect(
            try text(older.row(isHuman: false, truncates: true, now: Self.now))
                == ["<missing>|N/A|a|0|"]
        )
    }

    @Test("prune's lines are lower case and end with an empty one")
    func pruned() throws {
        let digest = try #require(Digest(Self.digest))
        var report = ImagePruneReport()
        report.removals = [.untagged(try ImageReference("a:1")), .deleted(digest)]
        #expect(report.lines == ["Deleted Images:", "untagged: a:1", "deleted: \(digest)", ""])
        #expect(ImagePruneReport().lines.isEmpty)
    }
}
