import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor

@testable import Reconciler

/// Services whose containers are replaced some at a time.
extension Situation {
    static let updates = [
        Situation("replicas replaced") { $0.update(count: 2) },
        Situation("replicas replaced and scaled up") { situation in
            situation.update(count: 2)
            situation.service("web") { $0.scale = 3 }
        },
        Situation("updated, stop first") { situation in
            situation.update(count: 1) { $0.order = .stopFirst }
        },
        Situation("updated, start first") { situation in
            situation.update(count: 1) { $0.order = .startFirst }
        },
        Situation("updated, start first on one port") { situation in
            situation.update(count: 1) { $0.order = .startFirst }
            situation.service("web") {
                var port = PortDeclaration(target: 80)
                port.published = PortRange("8080")
                $0.ports = [port]
            }
        },
        Situation("updated two at a time, with a delay") { situation in
            situation.update(count: 3) {
                $0.parallelism = 2
                $0.delay = .seconds(5)
                $0.monitor = .seconds(2)
            }
        },
        Situation("updated all at once") { situation in
            situation.update(count: 2) { $0.parallelism = 0 }
        },
        Situation("updated, going on when one fails") { situation in
            situation.update(count: 2) { $0.failureAction = .continue }
        },
        Situation("updated, put back when one fails") { situation in
            situation.update(count: 2) {
                $0.failureAction = .rollback
                $0.order = .startFirst
            }
        },
        Situation("update interrupted") { situation in
            situation.update(count: 2)
            situation.leave()
        },
        Situation("update interrupted, goes on") { situation in
            situation.update(count: 2)
            situation.leave { $0.environment["COLOR"] = "blue" }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("update interrupted, goes on, start first") { situation in
            situation.update(count: 2) { $0.order = .startFirst }
            situation.leave { $0.environment["COLOR"] = "blue" }
        },
        Situation("update interrupted, goes on, put back when one fails") { situation in
            situation.update(count: 3) {
                $0.failureAction = .rollback
                $0.order = .startFirst
            }
            for number in 1...2 {
                situation.leave(number) { $0.environment["COLOR"] = "blue" }
            }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("update interrupted, then changed again") { situation in
            situation.update(count: 1) { $0.order = .startFirst }
            situation.leave { $0.environment["COLOR"] = "green" }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("update interrupted, then changed back") { situation in
            situation.update(count: 1) { $0.order = .startFirst }
            situation.leave { $0.environment["COLOR"] = "blue" }
            situation.service("web") { $0.environment["COLOR"] = "red" }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("update interrupted, then changed back, on one port") { situation in
            situation.service("web") { service in
                var port = PortDeclaration(target: 80)
                port.published = PortRange("8080")
                service.ports = [port]
            }
            situation.update(count: 1) { $0.order = .startFirst }
            situation.leave { $0.environment["COLOR"] = "blue" }
            situation.service("web") { $0.environment["COLOR"] = "red" }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("update interrupted, not in turn any more") { situation in
            situation.update(count: 1)
            situation.leave { $0.environment["COLOR"] = "blue" }
            situation.observed["web"]?.state = .exited(code: 0)
        },
        Situation("updated, with a fixed address") { situation in
            situation.update(count: 1) { $0.order = .startFirst }
            situation.service("web") { $0.networks["default"]?.ipv4Address = .init("10.9.0.9") }
        },
        Situation("updated, while one does not run") { situation in
            situation.update(count: 2)
            situation.observed["web"]?.state = .exited(code: 1)
        },
    ]

    /// A killed update has left a new one beside a container of the service, as the file says with
    /// this change.
    private mutating func leave(_ number: Int = 1, _ change: (inout Service) -> Void = { _ in }) {
        guard var service = project.services["web"],
            var left = observed.containers.first(where: {
                $0.service == "web" && $0.number == number
            })
        else { return }
        service.environment["COLOR"] = "red"
        change(&service)
        guard
            let spec = try? ContainerSpec(
                of: service,
                in: project,
                image: Fixture.image(of: service)
            )
        else { return }
        left.spec = spec
        left.name = ContainerRecord.nameOfSuccessor(of: left.id, named: left.name)
        left.id = Fixture.id(98 + number)
        left.isSuccessor = true
        observed.containers.append(left)
    }

    /// What runs has another color than the file, and as many containers.
    private mutating func update(
        count: Int,
        _ change: ((inout DeployDeclaration.Update) -> Void)? = nil
    ) {
        observed = Self.present(project)
        let first = observed.containers.first { $0.service == "web" }
        for number in 2..<max(count + 1, 2) {
            guard var next = first else { return }
            next.number = number
            next.name = "shop-web-\(number)"
            next.id = Fixture.id(observed.containers.count + 1)
            observed.containers.append(next)
        }
        service("web") {
            $0.environment["COLOR"] = "blue"
            $0.scale = count
            guard let change else { return }
            var update = DeployDeclaration.Update()
            change(&update)
            $0.deploy = DeployDeclaration()
            $0.deploy?.updateConfig = update
        }
    }
}
