import Compose
import OrderedCollections
import TestSupport
import Testing

@testable import Reconciler

/// What builds read and mounts need is looked for before anything is done.
@Suite("Check of sources")
struct SourceCheckTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var build: BuildDeclaration
        /// Path and reason; nil where nothing is wrong.
        var problem: (path: String, reason: String)?

        init(
            _ name: String,
            _ context: String,
            _ dockerfile: String = "Dockerfile",
            problem: (path: String, reason: String)? = nil,
            _ change: (inout BuildDeclaration) -> Void = { _ in }
        ) {
            testDescription = name
            build = BuildDeclaration(context: context)
            build.dockerfile = dockerfile
            change(&build)
            self.problem = problem
        }
    }

    private static let files = MemoryFiles([
        "/srv/shop/Dockerfile": "", "/srv/shop/app/Dockerfile": "", "/srv/shop/low/dockerfile": "",
        "/srv/shop/bare/main.c": "", "/srv/shop/app/folder/x": "", "/srv/shop/Other": "",
    ])

    static let cases: [Case] = [
        Case("all is there", "/srv/shop/app"),
        Case("the name in lower case", "/srv/shop/low"),
        Case("a Dockerfile outside of its context", "/srv/shop/app", "../Dockerfile"),
        Case("an absolute Dockerfile", "/srv/shop/bare", "/srv/shop/Dockerfile"),
        Case("an inline Dockerfile", "/srv/shop/bare") { $0.dockerfileInline = "FROM scratch" },
        Case("contexts that are no folders of this machine", "/srv/shop/app") {
            $0.additionalContexts = ["a": "service:web", "b": "docker-image://base"]
        },
        Case(
            "no folder",
            "/srv/shop/gone",
            problem: ("context", "the build context /srv/shop/gone does not exist")
        ),
        Case(
            "a file",
            "/srv/shop/Dockerfile",
            problem: ("context", "the build context /srv/shop/Dockerfile is not a folder")
        ),
        Case(
            "no Dockerfile",
            "/srv/shop/bare",
            problem: ("dockerfile", "the Dockerfile /srv/shop/bare/Dockerfile does not exist")
        ),
        Case(
            "a folder for a Dockerfile",
            "/srv/shop/app",
            "folder",
            problem: ("dockerfile", "the Dockerfile /srv/shop/app/folder is a folder")
        ),
        Case(
            "no folder of a name",
            "/srv/shop/app",
            problem: (
                "additional_contexts.lib", "the build context /srv/shop/lib does not exist"
            )
        ) { $0.additionalContexts = ["lib": "/srv/shop/lib"] },
        Case(
            "a file of a name",
            "/srv/shop/app",
            problem: (
                "additional_contexts.lib", "the build context /srv/shop/Other is not a folder"
            )
        ) { $0.additionalContexts = ["lib": "/srv/shop/Other"] },
    ]

    @Test("what a build reads is named where the file names it", arguments: cases)
    func builds(_ item: Case) throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.image = nil
                $0.build = item.build
            }
        )
        let plan = try Plan.images(for: project, images: [:])
        let found = problems(plan, project)
        let wanted = [item.problem].compactMap(\.self)
        #expect(found.map(\.path) == wanted.map { "services.web.build.\($0.path)" })
        #expect(found.map(\.reason) == wanted.map(\.reason))
        #expect(found.allSatisfy { $0.remedy != nil })
        // Nothing is built of an image that is here.
        let known = try Plan.images(for: project, images: Fixture.images(project))
        #expect(problems(known, project).isEmpty)
    }

    @Test("a Dockerfile beside its context is found for whoever forgot where its path begins")
    func beside() throws {
        let project = Fixture.project(
            Fixture.service("web") {
                var build = BuildDeclaration(context: "/srv/shop/bare")
                build.dockerfile = "Other"
                $0.build = build
            }
        )
        let found = problems(try Plan.images(for: project, images: [:]), project)
        #expect(found.map { $0.remedy?.contains("/srv/shop/Other") } == [true])
    }

    @Test("a source that is not made when it is missing is missed once, before any container")
    func mounts() throws {
        func mount(_ path: String, creates: Bool) -> VolumeMount {
            VolumeMount(source: .bind(path: path, createHostPath: creates), target: path)
        }
        let project = Fixture.project(
            Fixture.service("web") {
                $0.scale = 2
                $0.volumes = [
                    mount("/srv/shop/gone", creates: true),
                    mount("/srv/shop/app", creates: false),
                    mount("/srv/shop/gone", creates: false),
                ]
            }
        )
        let found = problems(try Fixture.plan(project), project)
        #expect(found.map(\.path) == ["services.web.volumes[2].source"])
        // What runs with it is left alone.
        let running = try Fixture.observed(project, count: 2)
        #expect(problems(try Fixture.plan(project, running), project).isEmpty)
    }

    @Test("a network with IPv6 is refused where the kernel has none", arguments: [false, true])
    func ipv6(isPresent: Bool) throws {
        var project = Fixture.project([Fixture.service("web")])
        project.networks["default"]?.enableIPv6 = true
        let kernel = MemoryFiles(isPresent ? ["/proc/self/net/if_inet6": ""] : [:])
        let found = problems(try Fixture.plan(project), project, kernel)
        #expect(found.map(\.path) == (isPresent ? [] : ["networks.default.enable_ipv6"]))
        #expect(found.allSatisfy { $0.reason == "this kernel has no IPv6" })
    }

    private func problems(
        _ plan: Plan,
        _ project: Project,
        _ files: MemoryFiles = files
    ) -> [ReconcilerError.Problem] {
        do throws(ReconcilerError) {
            try plan.checkSources(of: project, files: files)
            return []
        } catch {
            return error.problems
        }
    }
}
