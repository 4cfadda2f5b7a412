import Addresses
import Compose
import ContainerRuntime
import Engine
import Foundation
import OCI
import OrderedCollections
import Supervisor
import Testing

@testable import Reconciler

/// Values that tests of this target are made of.
enum Fixture {
    static let digest = Digest.of(Array("image".utf8))
    static let otherDigest = Digest.of(Array("another image".utf8))

    /// An image with a bit of everything.
    static var image: ServiceImage {
        var defaults = ContainerDefaults()
        defaults.environment = ["PATH=/bin", "LANG=C"]
        defaults.entrypoint = ["/entry"]
        defaults.command = ["serve"]
        return ServiceImage(reference: "app:1", digest: digest, defaults: defaults)
    }

    static func service(_ name: String, _ change: (inout Service) -> Void = { _ in }) -> Service {
        var service = Service(name: name)
        service.image = "app:1"
        service.networks = ["default": ServiceNetwork()]
        change(&service)
        return service
    }

    /// Project `shop` with a default network and these services.
    static func project(_ services: Service...) -> Project { project(services) }

    static func project(_ services: [Service]) -> Project {
        var project = Project(
            name: "shop",
            directory: "/srv/shop",
            files: ["/srv/shop/compose.yaml"]
        )
        for service in services { project.services[service.name] = service }
        project.networks["default"] = NetworkDeclaration(name: "shop_default")
        return project
    }

    /// With what the service mounts.
    static func image(of service: Service) -> ServiceImage {
        var image = image
        for name in service.mountedImages {
            image.mounted[name] = .init(reference: name, digest: Digest.of(Array(name.utf8)))
        }
        return image
    }

    static func images(_ project: Project) -> KnownImages {
        let all = Array(project.services.keys) + Array(project.disabledServices.keys)
        return KnownImages(Dictionary(uniqueKeysWithValues: all.map { ($0, image) }))
    }

    static func dependency(
        _ condition: Dependency.Condition = .started,
        required: Bool = true,
        restart: Bool = false
    ) -> Dependency {
        var dependency = Dependency()
        dependency.condition = condition
        dependency.required = required
        dependency.restart = restart
        return dependency
    }

    /// Web on a healthy database, with a job between them.
    static var shop: Project {
        project(
            service("web") {
                $0.dependsOn = [
                    "db": dependency(.healthy), "migrate": dependency(.completedSuccessfully),
                ]
                $0.environment = ["COLOR": "red"]
            },
            service("db") {
                $0.volumes = [
                    VolumeMount(source: .volume(key: "data", nocopy: false), target: "/data")
                ]
                var check = HealthcheckDeclaration()
                check.test = .exec(["check"])
                $0.healthcheck = check
            },
            service("migrate") { $0.dependsOn = ["db": dependency(.healthy)] }
        ).with { $0.volumes["data"] = VolumeDeclaration(name: "shop_data") }
    }

    /// The same, where nobody waits for the job to end: all of it may run.
    static var runningShop: Project {
        shop.with { $0.services["web"]?.dependsOn["migrate"] = dependency() }
    }

    /// What there is after an `up` of the project, everything running.
    static func observed(_ project: Project, count: Int = 1) throws -> Observed {
        var observed = Observed()
        for service in project.services.values {
            for number in 1...count {
                let spec = try ContainerSpec(
                    of: service,
                    in: project,
                    image: image(of: service)
                )
                var container = Observed.Container(
                    id: id(observed.containers.count + 1),
                    name: "\(project.name)-\(service.name)-\(number)",
                    service: service.name,
                    number: number,
                    spec: spec,
                    state: .running
                )
                container.health = spec.healthcheck == nil ? .none : .healthy
                container.published = spec.ports
                container.dependencies = Array(service.dependsOn.keys)
                observed.containers.append(container)
            }
        }
        observed.networks = project.networks.values.map {
            var record = network($0.name, of: project.name)
            record.isInternal = $0.isInternal
            return record
        }
        observed.volumes = project.volumes.values.map { volume($0.name, of: project.name) }
        return observed
    }

    /// The record of a network that the project has made.
    static func network(_ name: String, of project: String?, key: String? = nil) -> NetworkRecord {
        guard let id = NetworkID(id(1).text), let subnet = IPv4Subnet("10.9.0.0/24"),
            let gateway = IPv4Address("10.9.0.1")
        else { preconditionFailure("an identifier, a subnet and an address") }
        var record = NetworkRecord(
            id: id,
            name: name,
            ipv4: AddressBlock(subnet, gateway: gateway),
            createdAt: Timestamp(nanoseconds: 0)
        )
        record.project = project
        record.key = key
        return record
    }

    /// The record of a volume that the project has made.
    static func volume(_ name: String, of project: String?, key: String? = nil) -> VolumeRecord {
        var record = VolumeRecord(name: name, createdAt: Timestamp(nanoseconds: 0))
        record.project = project
        record.key = key
        return record
    }

    static func id(_ number: Int) -> ContainerID {
        let digits = String(number, radix: 16)
        let text = String(repeating: "0", count: 64 - digits.count) + digits
        guard let id = ContainerID(text) else { preconditionFailure("64 digits are an identifier") }
        return id
    }

    /// The plan of an up whose images are all here.
    static func plan(
        _ project: Project,
        _ observed: Observed = Observed(),
        _ options: UpOptions = UpOptions()
    ) throws -> Plan {
        try Plan.up(
            project,
            observed: observed,
            images: images(project),
            options: options
        )
    }
}

extension Project {
    func with(_ change: (inout Project) -> Void) -> Project {
        var copy = self
        change(&copy)
        return copy
    }
}
