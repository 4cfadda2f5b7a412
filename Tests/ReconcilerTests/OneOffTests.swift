import Compose
import ContainerRuntime
import Engine
import KernelNames
import OrderedCollections
import Testing

@testable import Reconciler

@Suite("a container that runs once")
struct OneOffTests {
    private static let project = Fixture.project(
        Fixture.service("web") {
            $0.command = ["serve"]
            $0.containerName = "fixed"
            $0.restart = .always
            $0.environment = ["A": "a", "B": "b"]
            $0.ports = [PortDeclaration(target: 80)]
            $0.volumes = [
                VolumeMount(source: .volume(key: "data", nocopy: false), target: "/data"),
                VolumeMount(source: .bind(path: "/src", createHostPath: true), target: "/src"),
            ]
            $0.dependsOn = ["db": Fixture.dependency()]
        },
        Fixture.service("db")
    ).with { $0.volumes["data"] = VolumeDeclaration(name: "shop_data") }

    private func plan(_ oneOff: OneOff, _ observed: Observed = Observed()) throws -> Plan {
        var options = UpOptions()
        options.services = [oneOff.service]
        let project = try oneOff.applied(to: Self.project)
        return try Plan.up(
            project,
            observed: observed,
            images: Fixture.images(project),
            options: options,
            oneOff: oneOff
        )
    }

    private func request(_ oneOff: OneOff) throws -> ContainerRequest {
        let requests = try plan(oneOff).steps.compactMap { step -> ContainerRequest? in
            guard case .createContainer(let wanted) = step.operation else { return nil }
            return wanted.request
        }
        return try #require(requests.first { $0.name == oneOff.name })
    }

    @Test("is made and not started, after what its service depends on was brought up")
    func order() throws {
        let oneOff = OneOff(of: "web", in: Self.project)
        let words = try plan(oneOff).steps.map(\.operation.description)
        #expect(words.contains("start container shop-db-1"))
        #expect(words.contains("create container \(oneOff.name)"))
        #expect(!words.contains("start container \(oneOff.name)"))
        #expect(!words.contains { $0.contains("fixed") || $0.contains("shop-web-1") })
    }

    @Test("leaves the containers of its service alone")
    func others() throws {
        let observed = try Fixture.observed(Self.project)
        let words = try plan(OneOff(of: "web", in: Self.project), observed).steps
            .map(\.operation.description)
        #expect(!words.contains { $0.contains("fixed") }, "\(words)")
    }

    @Test("has a name and labels of its own, no ports, no aliases and no restart policy")
    func identity() throws {
        let oneOff = OneOff(of: "web", in: Self.project)
        #expect(oneOff.name.wholeMatch(of: /shop-web-run-[0-9a-f]{12}/) != nil)
        let request = try request(oneOff)
        #expect(request.isOneOff && request.number == nil && request.service == "web")
        #expect(request.labels[ComposeLabels.oneOff] == "True")
        #expect(request.labels[ComposeLabels.number] == nil)
        #expect(request.labels[ComposeLabels.slug]?.count == 64)
        #expect(request.spec.restart == .no && request.spec.ports.isEmpty)
        #expect(request.spec.isRemovedAtEnd == nil)
        guard case .attached(let attachments) = request.spec.network else {
            Issue.record("it has no network")
            return
        }
        #expect(!attachments.isEmpty && attachments.allSatisfy(\.aliases.isEmpty))
        let named = OneOff(of: "web", in: Self.project, named: "mine")
        #expect(try self.request(named).name == "mine")
    }

    @Test("is as the command line says, and otherwise as the file does")
    func changes() throws {
        var oneOff = OneOff(of: "web", in: Self.project)
        oneOff.command = ["echo", "x"]
        oneOff.environment = ["B": "other", "C": "c", "A": nil]
        oneOff.user = "5"
        oneOff.workingDirectory = "/w"
        oneOff.labels = ["k": "v"]
        oneOff.volumes = [
            VolumeMount(source: .bind(path: "/mine", createHostPath: true), target: "/src"),
            VolumeMount(source: .volume(key: "other", nocopy: false), target: "/other"),
        ]
        oneOff.publishesPorts = true
        oneOff.usesAliases = true
        oneOff.isRemovedAtEnd = true
        oneOff.streams = .terminal(input: .once)
        let spec = try request(oneOff).spec
        #expect(spec.process.arguments.suffix(2) == ["echo", "x"])
        #expect(spec.process.environment.contains("B=other"))
        #expect(!spec.process.environment.contains { $0.hasPrefix("A=") })
        #expect(spec.process.user == "5" && spec.process.workingDirectory == "/w")
        #expect(spec.labels["k"] == "v" && spec.isRemovedAtEnd == true)
        #expect(spec.ports.count == 1 && spec.streams == .terminal(input: .once))
        let sources = Dictionary(spec.mounts.map { ($0.target, $0.source) }) { first, _ in first }
        #expect(sources["/src"] == .bind(path: "/mine", create: true))
        #expect(sources["/data"] == .volume(name: "shop_data", copiesImageContent: true))
        #expect(sources["/other"] == .volume(name: "other", copiesImageContent: true))
        guard case .attached(let attachments) = spec.network else { return }
        #expect(attachments.allSatisfy { $0.aliases.contains("web") })
    }

    @Test("an entrypoint of the command line takes the file's command with it")
    func entrypoint() throws {
        var oneOff = OneOff(of: "web", in: Self.project)
        oneOff.entrypoint = ["tool"]
        let service = try oneOff.applied(to: Self.project).services["web"]
        #expect(service?.entrypoint == ["tool"] && service?.command == [])
        let unknown = OneOff(of: "nosuch", in: Self.project)
        #expect(throws: ReconcilerError.self) { try unknown.applied(to: Self.project) }
    }
}
