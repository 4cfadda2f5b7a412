import Compose
import ContainerRuntime
import OrderedCollections
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan of an up: how many containers")
struct PlanScaleTests {
    private static let project = Fixture.project(Fixture.service("web"))

    private func scaled(_ project: Project, _ count: Int, _ observed: Observed) throws -> [String] {
        var options = UpOptions()
        options.scale = ["web": count]
        return try Fixture.plan(project, observed, options).steps.map(\.operation.description)
    }

    @Test("new ones get the numbers after the highest")
    func up() throws {
        var observed = try Fixture.observed(Self.project, count: 3)
        observed.containers.remove(at: 1)
        #expect(
            try scaled(Self.project, 3, observed) == [
                "create container shop-web-4", "start container shop-web-4",
            ]
        )
    }

    @Test("the highest numbers go first, and before them those that would be recreated")
    func down() throws {
        var observed = try Fixture.observed(Self.project, count: 3)
        #expect(
            try scaled(Self.project, 1, observed) == [
                "stop container shop-web-3", "remove container shop-web-3",
                "stop container shop-web-2", "remove container shop-web-2",
            ]
        )
        observed.containers[0].spec.process.user = "7"
        #expect(
            try scaled(Self.project, 2, observed) == [
                "stop container shop-web-1", "remove container shop-web-1",
            ]
        )
        #expect(
            try scaled(Self.project, 1, observed) == [
                "stop container shop-web-3", "remove container shop-web-3",
                "stop container shop-web-1", "remove container shop-web-1",
            ]
        )
        #expect(try scaled(Self.project, 0, observed).filter { $0.hasPrefix("remove") }.count == 3)
    }

    @Test("an image is pulled again when it is older than its policy allows")
    func refresh() throws {
        let project = Self.project.with {
            $0.services["web"]?.pullPolicy = .refresh(every: .seconds(86400))
        }
        func plan(_ age: Duration?) throws -> [String] {
            var image = Fixture.image
            image.age = age
            let plan = try Plan.images(for: project, images: ["web": image])
            return plan.steps.map(\.because)
        }
        #expect(try plan(.seconds(86399)) == [])
        #expect(try plan(.seconds(86400)) == ["pull_policy is every_24h0m0s, and it is older"])
        #expect(try plan(nil) == [])
        #expect(
            try Plan.images(for: project, images: [:]).steps.map(\.because)
                == ["not on this machine"]
        )
        let refreshed = project.with {
            $0.services["web"]?.pullPolicy = .refresh(every: nil)
            $0.services["web"]?.pullRefreshAfter = .seconds(1)
        }
        var image = Fixture.image
        image.age = .seconds(2)
        #expect(!(try Plan.images(for: refreshed, images: ["web": image]).isEmpty))
    }
}
