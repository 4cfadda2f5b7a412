import Addresses
import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor

@testable import Reconciler

/// Published ports that the file has otherwise than before.
extension Situation {
    static let portChanges = [
        Situation("port changed") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.publish(["web": "8081"])
        },
        Situation("port changed, and more") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.publish(["web": "8081"])
            situation.service("web") { $0.environment["COLOR"] = "blue" }
        },
        Situation("ports of two services swapped") { situation in
            situation.publish(["web": "8080", "db": "8081"])
            situation.observed = present(situation.project)
            situation.publish(["web": "8081", "db": "8080"])
        },
        Situation("port written down and not published") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.observed["web"]?.published[0].hostPort = 8079
        },
        Situation("port bound to one address, with its number") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.service("web") { $0.ports[0].hostAddress = IPAddress("127.0.0.1") }
        },
        Situation("port leads elsewhere, with its number") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.service("web") { $0.ports[0].target = 81 }
        },
        Situation("port within a range that has its number") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.publish(["web": "8079-8081"])
        },
        Situation("port changed, nothing recreated") { situation in
            situation.publish(["web": "8080"])
            situation.observed = present(situation.project)
            situation.publish(["web": "8081"])
            situation.options.recreation = .never
        },
        Situation("port published") { situation in
            situation.service("web") {
                var port = PortDeclaration(target: 80)
                port.published = PortRange("8080")
                $0.ports = [port]
            }
        },
    ]
}
