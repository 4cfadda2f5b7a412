import Compose
import OrderedCollections
import Testing

@testable import Reconciler

@Suite("What a project's pull and push are about")
struct ImageTransfersTests {
    private func buildable(_ name: String, image: String?, tags: [String] = []) -> Service {
        Fixture.service(name) { service in
            service.image = image
            var build = BuildDeclaration(context: "/srv/shop")
            build.tags = tags
            service.build = build
        }
    }

    private func service(_ name: String, image: String, _ policy: PullPolicy? = nil) -> Service {
        Fixture.service(name) { service in
            service.image = image
            service.pullPolicy = policy
        }
    }

    @Test("each image is pulled once, for all who want it")
    func shared() throws {
        let project = Fixture.project(
            service("a", image: "redis"),
            service("b", image: "redis"),
            service("c", image: "nginx")
        )
        let transfers = try ImageTransfers.pulls(of: project) { _ in true }
        #expect(transfers.images.map(\.reference) == ["redis", "nginx"])
        #expect(transfers.images.map(\.services) == [["a", "b"], ["c"]])
        #expect(transfers.skipped == [])
    }

    @Test("what a service says of pulling is heard, unless the command says otherwise")
    func policies() throws {
        let project = Fixture.project(
            service("a", image: "never", .never),
            service("b", image: "build", .build),
            service("c", image: "missing:1", .missing),
            service("d", image: "absent", .missing),
            service("e", image: "always", .always),
            service("f", image: "newest", .missing),
            service("g", image: "newest:latest", .missing)
        )
        let isHere: (String) -> Bool = { $0 != "absent" }
        let written = try ImageTransfers.pulls(of: project, isHere: isHere)
        #expect(
            written.images.map(\.reference) == ["absent", "always", "newest", "newest:latest"]
        )
        #expect(written.skipped.map(\.service) == ["a", "b", "c"])
        let missing = try ImageTransfers.pulls(of: project, policy: .missing, isHere: isHere)
        #expect(
            missing.images.map(\.reference)
                == ["never", "build", "absent", "always", "newest", "newest:latest"]
        )
        let always = try ImageTransfers.pulls(of: project, policy: .always, isHere: isHere)
        #expect(always.images.count == 7)
    }

    @Test("what can be built may fail to be pulled, or is left out")
    func builds() throws {
        let project = Fixture.project(
            buildable("web", image: "shop/web"),
            buildable("worker", image: nil),
            service("db", image: "postgres")
        )
        let all = try ImageTransfers.pulls(of: project) { _ in false }
        #expect(all.images.map(\.reference) == ["shop/web", "postgres"])
        #expect(all.images[0].buildable == ["web"])
        #expect(all.skipped.map(\.service) == ["worker"])
        let some = try ImageTransfers.pulls(of: project, ignoringBuildable: true) { _ in false }
        #expect(some.images.map(\.reference) == ["postgres"])
    }

    @Test("dependencies come along when they are asked for")
    func dependencies() throws {
        let web = Fixture.service("web") { service in
            service.image = "nginx"
            service.dependsOn["db"] = Fixture.dependency()
        }
        let project = Fixture.project(web, service("db", image: "postgres"))
        let alone = try ImageTransfers.pulls(of: project, services: ["web"]) { _ in false }
        #expect(alone.images.map(\.reference) == ["nginx"])
        let both = try ImageTransfers.pulls(
            of: project,
            services: ["web"],
            withDependencies: true
        ) { _ in false }
        #expect(both.images.map(\.reference) == ["postgres", "nginx"])
        #expect(throws: ReconcilerError.self) {
            try ImageTransfers.pulls(of: project, services: ["nobody"]) { _ in false }
        }
    }

    @Test("pushed is what is built and has a name, under all its names")
    func pushes() throws {
        let project = Fixture.project(
            buildable("web", image: "shop/web", tags: ["shop/web:2"]),
            buildable("worker", image: nil),
            service("db", image: "postgres")
        )
        let transfers = try ImageTransfers.pushes(of: project)
        #expect(transfers.images.map(\.reference) == ["shop/web", "shop/web:2"])
        #expect(transfers.skipped.map(\.service) == ["worker", "db"])
    }
}
