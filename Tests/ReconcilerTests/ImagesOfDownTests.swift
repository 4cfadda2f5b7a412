import Engine
import OCI
import Testing

@testable import Reconciler

/// Which images go was taken from docker compose 2.40.3.
@Suite("Images that down removes")
struct ImagesOfDownTests {
    /// An image that is here, with the labels of a build if there is a service.
    private func image(_ names: [String], of service: String?, in project: String = "shop") throws
        -> KnownImage
    {
        var configuration = ImageConfiguration()
        if let service {
            configuration.config.labels = [
                "com.docker.compose.project": project, "com.docker.compose.service": service,
            ]
        }
        configuration.author = names.first
        let bytes = try OCIJSON.encode(configuration)
        let record = ImageRecord(
            id: .of(bytes),
            manifest: nil,
            configuration: bytes,
            layers: [],
            sizeBytes: 0,
            recordedAt: .now()
        )
        return try KnownImage(
            record,
            names: names.map { name in
                ImageName(
                    reference: try ImageReference(name).tagged.description,
                    image: record.id,
                    updatedAt: .now()
                )
            },
            layerBytes: []
        )
    }

    private func names(
        _ which: ImagesOfDown.Which,
        of services: [ImagesOfDown.Service],
        withOrphans: Bool = false
    ) throws -> [String] {
        try ImagesOfDown(
            which: which,
            projectName: "shop",
            services: services,
            withOrphans: withOrphans
        ).names(
            among: [
                image(["busybox:latest"], of: nil),
                // `build` without a name, with tags; with a name; of a service that is gone.
                image(["extra:1", "extra:2", "shop-web:latest"], of: "web"),
                image(["registry.example/db:1"], of: "db"), image(["shop-old:latest"], of: "old"),
                image(["other-web:latest"], of: "web", in: "other"), image([], of: "web"),
            ]
        )
    }

    private static let web = ImagesOfDown.Service(
        name: "web",
        reference: "shop-web",
        isDefault: true
    )
    private static let db = ImagesOfDown.Service(
        name: "db",
        reference: "registry.example/db:1",
        isDefault: false
    )
    private static let plain = ImagesOfDown.Service(
        name: "plain",
        reference: "busybox",
        isDefault: false
    )
    private static let absent = ImagesOfDown.Service(
        name: "absent",
        reference: "absent:1",
        isDefault: true
    )

    @Test("local: what was built, under its own name and under the first of its others")
    func local() throws {
        let services = [Self.web, Self.db, Self.plain, Self.absent]
        #expect(
            try names(.local, of: services)
                == ["extra:1", "registry.example/db:1", "shop-web:latest"]
        )
    }

    @Test("all: what services are made from, too")
    func all() throws {
        let services = [Self.web, Self.db, Self.plain, Self.absent]
        #expect(
            try names(.all, of: services)
                == ["busybox:latest", "extra:1", "registry.example/db:1", "shop-web:latest"]
        )
    }

    @Test("only those of the services that go, and of orphans where they go")
    func chosen() throws {
        #expect(try names(.local, of: [Self.db]) == ["registry.example/db:1"])
        #expect(try names(.local, of: [Self.plain]) == [])
        #expect(
            try names(.local, of: [Self.db], withOrphans: true)
                == ["extra:1", "registry.example/db:1", "shop-old:latest"]
        )
    }
}
