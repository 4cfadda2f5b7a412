import Compose
import ContainerRuntime
import OCI
import OrderedCollections
import Testing
import TestSupport

@testable import Reconciler

/// Nothing is called carried out that gets lost between the file and what runs.
@Suite("three shapes")
struct ThreeShapesTests {
    @Test("an attribute that is carried out changes what is made", arguments: ShapeCase.all)
    func changes(example: ShapeCase) throws {
        let before = try SecondShape(of: example.before)
        let after = try SecondShape(of: example.after)
        #expect(before != after)
        // The same file twice is the same: the difference above is the attribute's.
        #expect(try SecondShape(of: example.before) == before)
    }

    /// An attribute with parts is shown by them. One that is carried out for a single value cannot
    /// be shown: there is no other.
    @Test("there is an example of each attribute that is carried out, and of no other")
    func complete() {
        let all = SupportTable.rows.map(\.path)
        let rows = SupportTable.rows.filter { row in
            switch row.outcome {
            case .carriedOut: true
            case .limited(let values): values.count > 1
            default: false
            }
        }.map(\.path)
        let leaves = rows.filter { row in
            !all.contains { $0.hasPrefix(row + ".") || $0.hasPrefix(row + "[]") }
        }
        let shown = Set(ShapeCase.all.map(\.attribute))
        #expect(Set(leaves).subtracting(shown).sorted() == [])
        #expect(shown.subtracting(rows).sorted() == [])
    }
}

/// What comes out of a compose file behind its first shape: images, containers, networks, volumes
/// and their order, from nothing, and what a `restart` of the database does.
private struct SecondShape: Equatable {
    var images: Plan
    var builds: [String: BuildDeclaration]
    /// For which platform each image is.
    var platforms: [String]
    var up: Plan
    var restart: Plan
    /// What `up` shows: not a container's matter, so that there is no second shape of it.
    var attached: [String]
    /// nil where nothing is watched.
    var watch: WatchPlan?
    /// How the programs of providers and models are called.
    var programs: [[String]]

    /// Loads `compose.yaml` to run it, with an image for each service.
    init(of text: String) throws {
        let files = MemoryFiles(ShapeCase.files.merging(["compose.yaml": text]) { $1 })
        var project = try ComposeLoader(files: files).load(
            .test(.run, environment: ["ONE": "1", "TWO": "2"])
        ).project
        programs = try project.providers.values.map { service in
            [service.provider?.type ?? ""]
                + (try ProviderCall(.up, of: service, in: project).arguments)
        }
        for (key, model) in project.models {
            programs += [[ModelCalls.title(of: model, key: key)], ModelCalls.pull(model)]
            programs.append(ModelCalls.configure(model))
        }
        project.giveModels(endpoint: "http://models")
        builds = Dictionary(
            uniqueKeysWithValues: project.services.values.compactMap { service in
                service.build.map { (service.name, $0) }
            }
        )
        platforms = try project.services.values.map { "\(try $0.imagePlatform() ?? .host)" }
        if project.services.values.contains(where: { $0.develop != nil }) {
            watch = try WatchPlan(project, services: [])
        }
        attached = project.services.values.filter { $0.attach != false }.map(\.name)
        let all = project.services.values.flatMap { service in
            [(key: service.name, reference: service.imageReference(in: project))]
                + service.imagesOfPreStart
        }
        let here = all.map { key, reference in
            var image = ServiceImage(
                reference: reference,
                digest: Digest.of(Array(reference.utf8)),
                defaults: Fixture.image.defaults
            )
            image.age = .seconds(36 * 3600)
            for name in project.services[key]?.mountedImages ?? [] {
                let digest = Digest.of(Array(name.utf8))
                image.mounted[name] = .init(reference: name, digest: digest)
            }
            return (key, image)
        }
        images = try Plan.images(
            for: project,
            images: KnownImages(Dictionary(uniqueKeysWithValues: here))
        )
        let external = project.networks.values.filter(\.external).map {
            Fixture.network($0.name, of: nil)
        }
        var observed = Observed()
        observed.networks = external
        observed.volumes = project.volumes.values.filter(\.external).map {
            Fixture.volume($0.name, of: nil)
        }
        var options = UpOptions()
        options.waits = true
        up = try Plan.up(
            project,
            observed: observed,
            images: KnownImages(Dictionary(uniqueKeysWithValues: here)),
            options: options
        )
        let running = try Fixture.observed(project)
        restart = try Plan.restart(project, observed: running, services: ["db"])
    }
}
