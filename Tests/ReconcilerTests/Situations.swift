import Addresses
import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor

@testable import Reconciler

/// Where an `up` finds a machine: the file, what there is, and what is asked for.
struct Situation: Sendable {
    let name: String
    /// The file of now.
    var project = Fixture.shop
    /// What an `up` of `Fixture.shop` has left.
    var observed: Observed
    var options = UpOptions()
    var images: KnownImages

    /// `change` makes the situation of one where nothing is to be done.
    init(_ name: String, _ change: (inout Situation) -> Void = { _ in }) {
        self.name = name
        observed = Self.usual
        images = Fixture.images(Fixture.shop)
        change(&self)
        for service in project.services.keys where images[service] == nil {
            if !lacking.contains(service) { images[service] = Fixture.image }
        }
    }

    /// Services whose image is not here.
    var lacking: Set<String> = [] {
        didSet { for service in lacking { images[service] = nil } }
    }

    private static let usual = present(Fixture.shop)

    /// What an `up` of a project leaves.
    static func present(_ project: Project, count: Int = 1) -> Observed {
        guard var observed = try? Fixture.observed(project, count: count) else {
            preconditionFailure("the fixture has specs")
        }
        observed["migrate"]?.state = .exited(code: 0)
        return observed
    }

    /// What `up` would do, in words: warnings, steps, what stays; or what is wrong.
    var text: String {
        do {
            var plan = try Plan.images(for: project, images: images, options: options)
            let first = plan.steps.count
            var rest = try Plan.up(
                project,
                observed: observed,
                images: images,
                options: options
            )
            try rest.checkOwnership(of: project, observed: observed, options: options)
            plan.steps += rest.steps.map { step in
                var step = step
                step.after = Array(0..<first) + step.after.map { $0 + first }
                step.behind = step.behind.map { $0 + first }
                return step
            }
            let warnings = rest.warnings.map { "warning: \($0)\n" }.joined()
            let staying = rest.unchanged.map(\.name).joined(separator: ", ")
            return warnings + plan.description
                + (staying.isEmpty ? "" : "unchanged: \(staying)\n")
        } catch {
            return "error: \(error)\n"
        }
    }

    mutating func service(_ name: String, _ change: (inout Service) -> Void) {
        guard var service = project.services[name] else { return }
        change(&service)
        project.services[name] = service
    }
}

extension Observed {
    /// The first container of a service.
    subscript(service: String) -> Container? {
        get { containers.first { $0.service == service } }
        set {
            let index = containers.firstIndex { $0.service == service }
            if let index, let newValue { containers[index] = newValue }
            if let index, newValue == nil { containers.remove(at: index) }
        }
    }
}

extension Situation {
    static let all: [Situation] =
        changes + imageChanges + portChanges + resources + extent + states + flags + updates
        + problems

    /// What a file may say otherwise than before.
    private static let changes = [
        Situation("fresh") { $0.observed = Observed() },
        Situation("unchanged"),
        Situation("variable changed") { $0.service("web") { $0.environment["COLOR"] = "blue" } },
        Situation("secret variable changed") {
            var before = $0
            before.service("web") { $0.environment["DB_PASSWORD"] = "one" }
            $0.observed = present(before.project)
            $0.service("web") { $0.environment["DB_PASSWORD"] = "two" }
        },
        Situation("variable added") { $0.service("web") { $0.environment["DEBUG"] = "1" } },
        Situation("command changed") { $0.service("web") { $0.command = ["other"] } },
        Situation("user changed") { $0.service("web") { $0.user = "www" } },
        Situation("label changed") { $0.service("web") { $0.labels["tier"] = "front" } },
        Situation("volume mounted") { situation in
            situation.service("web") {
                $0.volumes = [
                    VolumeMount(source: .volume(key: "data", nocopy: false), target: "/shared")
                ]
            }
        },
        Situation("healthcheck changed") { $0.service("db") { $0.healthcheck?.retries = 9 } },
        Situation("restart policy changed") { $0.service("db") { $0.restart = .always } },
        Situation("container named") { $0.service("web") { $0.containerName = "front" } },
        Situation("several fields changed") { situation in
            situation.service("web") {
                $0.environment["COLOR"] = "green"
                $0.user = "www"
                $0.hostname = "front"
                $0.workingDirectory = "/srv"
                $0.readOnly = true
            }
        },
        Situation("config content changed") { $0.give(\.configs, \.configs, "one", "two") },
        Situation("secret content changed") { $0.give(\.secrets, \.secrets, "one", "two") },
        Situation("config content unchanged") { $0.give(\.configs, \.configs, "one", "one") },
    ]

    /// Networks and volumes.
    private static let resources = [
        Situation("network changed") { $0.project.networks["default"]?.isInternal = true },
        Situation("network added") { situation in
            situation.project.networks["back"] = NetworkDeclaration(name: "shop_back")
            situation.service("db") { $0.networks["back"] = ServiceNetwork() }
        },
        Situation("network gone") { $0.observed.networks = [] },
        Situation("network external") { situation in
            situation.observed.networks.append(Fixture.network("edge", of: nil))
            situation.project.networks["edge"] = NetworkDeclaration(name: "edge").with {
                $0.external = true
            }
            situation.service("web") { $0.networks["edge"] = ServiceNetwork() }
        },
        Situation("network external and missing") { situation in
            situation.project.networks["edge"] = NetworkDeclaration(name: "edge").with {
                $0.external = true
            }
            situation.service("web") { $0.networks["edge"] = ServiceNetwork() }
        },
        Situation("volume external and missing") { $0.project.volumes["data"]?.external = true },
        Situation("volume renamed") { $0.project.volumes["data"]?.name = "shop_other" },
        Situation("volume changed") { $0.project.volumes["data"]?.labels["a"] = "b" },
        Situation("volume changed and its data given up") {
            $0.project.volumes["data"]?.labels["a"] = "b"
            $0.options.renewsVolumes = true
        },
        Situation("volume unchanged and its data given up") { $0.options.renewsVolumes = true },
        Situation("volume changed and nothing recreated") {
            $0.project.volumes["data"]?.labels["a"] = "b"
            $0.options.renewsVolumes = true
            $0.options.recreation = .never
        },
        Situation("volume and network that no service uses") { situation in
            situation.project.volumes["spare"] = VolumeDeclaration(name: "shop_spare")
            situation.project.networks["spare"] = NetworkDeclaration(name: "shop_spare")
            situation.options.allResources = true
        },
        Situation("volume gone") { $0.observed.volumes = [] },
    ]

    /// How many of what.
    private static let extent = [
        Situation("scaled up") { $0.service("web") { $0.scale = 3 } },
        Situation("scaled up by hand") { $0.options.scale = ["web": 2] },
        Situation("scaled down") { situation in
            situation.observed = present(Fixture.shop, count: 2)
        },
        Situation("scaled to none") { $0.service("web") { $0.scale = 0 } },
        Situation("service added") { $0.project.services["cache"] = Fixture.service("cache") },
        Situation("service removed") { $0.project.services["web"] = nil },
        Situation("orphans removed") {
            $0.project.services["web"] = nil
            $0.options.removesOrphans = true
        },
        Situation("service renamed") { situation in
            guard var web = situation.project.services.removeValue(forKey: "web") else { return }
            web = Fixture.service("front") { $0.environment = web.environment }
            situation.project.services["front"] = web
            situation.options.removesOrphans = true
        },
        Situation("profile switched off") { situation in
            situation.project.disabledServices["web"] = situation.project.services.removeValue(
                forKey: "web"
            )
        },
        Situation("one service asked for") {
            $0.service("web") { $0.environment["COLOR"] = "blue" }
            $0.service("db") { $0.user = "db" }
            $0.options.services = ["db"]
        },
    ]

    /// What a crash, a person or a program has left.
    private static let states = [
        Situation("container ended") { $0.observed["web"]?.state = .exited(code: 1) },
        Situation("container made and not started") { $0.observed["web"]?.state = .created },
        Situation("container restarting") { $0.observed["web"]?.state = .restarting(code: 1) },
        Situation("container being stopped") { $0.observed["web"]?.state = .stopping },
        Situation("container gone") { $0.observed["db"] = nil },
        Situation("dependency unhealthy") {
            $0.observed["db"]?.health = .unhealthy
            $0.observed["web"]?.state = .exited(code: 1)
        },
        Situation("job still at work") { $0.observed["migrate"]?.state = .running },
        Situation("dependency not healthy yet") { situation in
            situation.observed["db"]?.health = .starting
            situation.observed["migrate"]?.state = .running
        },
        Situation("only networks and volumes left") { $0.observed.containers = [] },
        Situation("containers without network and volume") {
            $0.observed.networks = []
            $0.observed.volumes = []
            $0.observed["web"]?.state = .created
        },
        Situation("dependency replaced, and restarted with it") { situation in
            situation.service("web") { $0.dependsOn["db"]?.restart = true }
            situation.service("db") { $0.user = "db" }
        },
    ]

    private static let flags = [
        Situation("all recreated") { $0.options.recreation = .always },
        Situation("nothing recreated") {
            $0.service("web") { $0.environment["COLOR"] = "blue" }
            $0.options.recreation = .never
        },
        Situation("dependencies recreated") {
            $0.options.services = ["web"]
            $0.options.alwaysRecreatesDependencies = true
        },
        Situation("without dependencies") {
            $0.observed = Observed()
            $0.options.services = ["web"]
            $0.options.withDependencies = false
        },
        Situation("nothing started") {
            $0.observed = Observed(); $0.options.starts = false
        },
        Situation("waited for") {
            $0.observed = Observed(); $0.options.waits = true
        },
        Situation("images pulled") { $0.options.pull = .always },
    ]

    /// What is refused before anything is touched.
    private static let problems = [
        Situation("container paused") { $0.observed["web"]?.isPaused = true },
        Situation("start interval without a start period") { situation in
            situation.service("db") { $0.healthcheck?.startInterval = .seconds(1) }
        },
        Situation("names that clash") { situation in
            situation.service("web") { $0.containerName = "one" }
            situation.service("db") { $0.containerName = "one" }
        },
        Situation("ports that clash") { situation in
            for name in ["web", "db"] {
                situation.service(name) {
                    var port = PortDeclaration(target: 80)
                    port.published = PortRange("8080")
                    $0.ports = [port]
                }
            }
        },
        Situation("containers of another folder") { $0.otherFolder() },
        Situation("containers of another folder, adopted") {
            $0.otherFolder()
            $0.options.adopts = true
        },
        Situation("containers of another folder, name chosen") {
            $0.otherFolder()
            $0.project.isNamedByFolder = false
        },
        Situation("volumes of another folder") { $0.otherVolumes("/etc") },
        Situation("volumes of another folder that is gone") { $0.otherVolumes("/gone/shop") },
        Situation("volumes of another folder, adopted") {
            $0.otherVolumes("/etc")
            $0.options.adopts = true
        },
        Situation("containers of another folder, unchanged") {
            $0.otherFolder()
            $0.service("web") { $0.environment["COLOR"] = "red" }
        },
    ]

    private mutating func otherFolder() {
        project.isNamedByFolder = true
        for index in observed.containers.indices {
            observed.containers[index].directory = "/home/other/shop"
        }
        service("web") { $0.environment["COLOR"] = "blue" }
    }

    mutating func publish(_ ports: [String: String]) {
        for (name, text) in ports {
            service(name) {
                var port = PortDeclaration(target: 80)
                port.published = PortRange(text)
                $0.ports = [port]
            }
        }
    }

    private mutating func otherVolumes(_ folder: String) {
        project.isNamedByFolder = true
        observed.containers = []
        for index in observed.volumes.indices { observed.volumes[index].directory = folder }
    }

    /// A service with a file of which `before` was the content, and is `now`.
    private mutating func give(
        _ files: WritableKeyPath<Project, OrderedDictionary<String, FileDeclaration>>,
        _ references: WritableKeyPath<Service, [FileReference]>,
        _ before: String,
        _ now: String
    ) {
        service("web") { $0[keyPath: references] = [FileReference(source: "note")] }
        var file = FileDeclaration(name: "shop_note")
        file.content = before
        project[keyPath: files]["note"] = file
        observed = Self.present(project)
        for index in observed.containers.indices where observed.containers[index].service == "web" {
            guard let web = project.services["web"],
                let given = try? GivenFiles(of: web, in: project),
                let spec = try? ContainerSpec(
                    of: web,
                    in: project,
                    image: Fixture.image,
                    given: given
                )
            else { preconditionFailure("the fixture has specs") }
            observed.containers[index].spec = spec
        }
        file.content = now
        project[keyPath: files]["note"] = file
    }
}

extension NetworkDeclaration {
    fileprivate func with(_ change: (inout NetworkDeclaration) -> Void) -> NetworkDeclaration {
        var copy = self
        change(&copy)
        return copy
    }
}
