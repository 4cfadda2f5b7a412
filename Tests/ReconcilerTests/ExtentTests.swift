import Compose
import Engine
import OrderedCollections
import Supervisor
import Testing

@testable import Reconciler

/// `web` on the default network, `debug` of a profile with a network and a volume of its own, and
/// one service more that the file has no more.
@Suite("What a verb means")
struct ExtentTests {
    private static let whole: Project = {
        func mount(_ key: String) -> VolumeMount {
            VolumeMount(source: .volume(key: key, nocopy: false), target: "/v")
        }
        var project = Fixture.project(
            Fixture.service("web") { $0.volumes = [mount("data")] },
            Fixture.service("debug") {
                $0.profiles = ["dev"]
                $0.networks = ["side": ServiceNetwork()]
                $0.volumes = [mount("dump")]
            },
            Fixture.service("gone")
        )
        project.networks["side"] = NetworkDeclaration(name: "shop_side")
        project.volumes["data"] = VolumeDeclaration(name: "shop_data")
        project.volumes["dump"] = VolumeDeclaration(name: "shop_dump")
        return project
    }()

    /// As the file is loaded without the profile.
    private static let project = whole.with {
        $0.disabledServices = $0.services.filter { $0.key == "debug" }
        $0.services = $0.services.filter { $0.key == "web" }
        $0.networks["side"] = nil
        $0.volumes["dump"] = nil
    }

    /// What `up` of everything has made, with what the records know of each.
    private static func observed() throws -> Observed {
        var observed = try Fixture.observed(whole)
        observed.networks = whole.networks.map { key, network in
            Fixture.network(network.name, of: "shop", key: key)
        }
        observed.volumes = whole.volumes.map { key, volume in
            Fixture.volume(volume.name, of: "shop", key: key)
        }
        return observed
    }

    @Test(
        "stop, start and restart mean what the profiles enable, or what is named",
        arguments: [
            ([], true, ["shop-web-1"]), (["debug"], true, ["shop-debug-1"]),
            ([], false, ["shop-debug-1", "shop-gone-1", "shop-web-1"]),
        ]
    )
    func verbs(services: [String], hasFile: Bool, expected: [String]) throws {
        let project = hasFile ? Self.project : nil
        var observed = try Self.observed()
        func names(_ plan: Plan) -> [String] {
            plan.steps.map { String($0.operation.noun.dropFirst("container ".count)) }.sorted()
        }
        #expect(names(Plan.stop(project, observed: observed, services: services)) == expected)
        #expect(
            names(try Plan.restart(project, observed: observed, services: services)) == expected
        )
        for index in observed.containers.indices {
            observed.containers[index].state = .exited(code: 0)
        }
        #expect(names(try Plan.start(project, observed: observed, services: services)) == expected)
    }

    @Test(
        "down leaves services of other profiles and what only they use",
        arguments: [
            ([], false, ["container shop-web-1", "network shop_default", "volume shop_data"]),
            (
                [], true,
                [
                    "container shop-web-1", "container shop-gone-1", "network shop_default",
                    "volume shop_data",
                ]
            ),
            (
                ["debug"], false,
                ["container shop-debug-1", "network shop_side", "volume shop_dump"]
            ),
            (["web"], false, ["container shop-web-1", "network shop_default", "volume shop_data"]),
        ]
    )
    func down(services: [String], removesOrphans: Bool, expected: [String]) throws {
        var options = DownOptions()
        options.services = services
        options.removesVolumes = true
        options.removesOrphans = removesOrphans
        // Named volumes of a disabled service keep their declaration when all resources are kept.
        for project in [
            Self.project, Self.project.with { $0.volumes["dump"] = Self.whole.volumes["dump"] },
        ] {
            let plan = Plan.down(
                project,
                named: "shop",
                observed: try Self.observed(),
                options: options
            )
            let removed = plan.steps.filter { $0.operation.verb == "remove" }
            #expect(Set(removed.map(\.operation.noun)) == Set(expected))
        }
    }

    @Test("down names the containers that stay and what would take them along")
    func warnings() throws {
        let observed = try Self.observed()
        let warnings = Plan.down(Self.project, named: "shop", observed: observed).warnings
        #expect(
            warnings == [
                "containers of no service of the file stay: shop-gone-1; "
                    + "--remove-orphans removes them",
                "containers of services that no profile enables stay: shop-debug-1; "
                    + "--profile dev before the command means them, too",
            ]
        )
        #expect(Plan.down(nil, named: "shop", observed: observed).warnings.isEmpty)
    }
}
