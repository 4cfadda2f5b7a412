import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor

@testable import Reconciler

/// Images that are others, missing or stale.
extension Situation {
    static let imageChanges = [
        Situation("image reference changed") { situation in
            situation.service("web") { $0.image = "app:2" }
            situation.images["web"]?.reference = "app:2"
            situation.images["web"]?.digest = Fixture.otherDigest
        },
        Situation("image moved") { $0.images["web"]?.digest = Fixture.otherDigest },
        Situation("image to be pulled") {
            $0.service("web") { $0.image = "app:3" }; $0.lacking = ["web"]
        },
        Situation("image to be pulled, and more changed") { situation in
            situation.service("web") {
                $0.image = "app:3"
                $0.environment["COLOR"] = "blue"
                $0.hostname = "front"
            }
            situation.lacking = ["web"]
        },
        Situation("image to be built") { situation in
            situation.service("web") {
                $0.build = BuildDeclaration(context: "/srv/shop")
                $0.image = "shop-web"
            }
            situation.lacking = ["web"]
        },
        Situation("image stale") { situation in
            situation.service("web") { $0.build = BuildDeclaration(context: "/srv/shop") }
            situation.images.stale["web"] = ["src/app.py changed"]
        },
        Situation("image stale for many reasons, and one built upon it") { situation in
            situation.service("web") { $0.build = BuildDeclaration(context: "/srv/shop") }
            situation.service("migrate") {
                $0.build = BuildDeclaration(context: "/srv/shop")
                $0.build?.additionalContexts["app"] = "service:web"
                $0.image = "app:2"
            }
            situation.images.stale["web"] = ["a added", "b changed", "c removed", "args.N changed"]
        },
        Situation("image stale, and not to be built") { situation in
            situation.service("web") { $0.build = BuildDeclaration(context: "/srv/shop") }
            situation.images.stale["web"] = ["src/app.py changed"]
            situation.options.building = .never
        },
        Situation("image stale, and only built where it is missing") { situation in
            situation.service("web") {
                $0.build = BuildDeclaration(context: "/srv/shop")
                $0.pullPolicy = .missing
            }
            situation.images.stale["web"] = ["src/app.py changed"]
        },
    ]
}
