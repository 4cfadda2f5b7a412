import Compose
import OrderedCollections
import Testing
import TestSupport

@testable import Reconciler

/// Services that a program provides, and models.
@Suite("providers and models")
struct ProviderTests {
    private func project(_ text: String) throws -> Project {
        try ComposeLoader(files: MemoryFiles(["compose.yaml": text])).load(.test(.run)).project
    }

    private static let shop = """
        services:
          web: {image: web, depends_on: [my-db, cache]}
          cache: {image: cache}
          my-db:
            depends_on: [account]
            provider: {type: cloud, options: {size: 3, zone: [a, b]}}
          account: {provider: {type: cloud}}
          alone: {provider: {type: other}}
        """

    @Test("a provider has no container, and what depends on it does not wait for one")
    func separated() throws {
        let project = try project(Self.shop)
        #expect(project.services.keys == ["web", "cache"])
        #expect(project.services["web"]?.dependsOn.keys == ["cache"])
        #expect(project.services["web"]?.providedBy == ["my-db"])
        let web = [project.services["web"]].compactMap(\.self)
        let needed = project.providersNeeded(by: web, named: ["web"]).map(\.name)
        #expect(needed == ["account", "my-db"])
        #expect(
            project.providersNeeded(by: [], named: []).map(\.name) == ["account", "my-db", "alone"]
        )
        let selection = try ServiceSelection(of: ["alone"], withDependencies: true, in: project)
        #expect(selection.services.isEmpty)
    }

    @Test("options are given in their order, and only those that a program takes")
    func arguments() throws {
        let project = try project(Self.shop)
        let service = try #require(project.providers["my-db"])
        let up = try ProviderCall(.up, of: service, in: project)
        let start = ["compose", "--project-name=project", "up"]
        #expect(up.arguments == start + ["--size=3", "--zone=a", "--zone=b", "my-db"])
        let some = ProviderCall.Parameters(known: ["zone"], required: [])
        let down = try ProviderCall(.down, of: service, in: project, taking: some)
        #expect(down.arguments.suffix(3) == ["--zone=a", "--zone=b", "my-db"])
        let more = ProviderCall.Parameters(known: ["tier"], required: ["tier"])
        let error = #expect(throws: ReconcilerError.self) {
            try ProviderCall(.up, of: service, in: project, taking: more)
        }
        #expect(
            error?.problems.first?.reason
                == "required parameter \"tier\" is missing from provider \"cloud\" definition"
        )
    }

    @Test("variables go to what depends on the provider, with its name in front, or as they are")
    func variables() throws {
        var project = try project(Self.shop)
        project.give(
            [.prefixed(name: "URL", value: "u"), .raw(name: "TOKEN", value: "t")],
            of: "my-db"
        )
        #expect(
            project.services["web"]?.environment
                == ["MY-DB_URL": "u", "MY_DB_URL": "u", "TOKEN": "t"]
        )
        #expect(project.services["cache"]?.environment == [:])
    }

    @Test("a service has the address and the name of its models, under the names that it wants")
    func models() throws {
        var project = try project(
            """
            services:
              short: {image: a, models: [my-llm]}
              long: {image: a, models: {my-llm: {endpoint_var: E, model_var: M}}}
            models: {my-llm: {model: ai/small, context_size: 1024, runtime_flags: [--x]}}
            """
        )
        let model = try #require(project.models["my-llm"])
        #expect(
            ModelCalls.configure(model)
                == ["configure", "--context-size", "1024", "ai/small", "--", "--x"]
        )
        project.giveModels(endpoint: "http://here")
        #expect(
            project.services["short"]?.environment
                == ["MY_LLM_MODEL": "ai/small", "MY_LLM_URL": "http://here"]
        )
        #expect(project.services["long"]?.environment == ["M": "ai/small", "E": "http://here"])
    }

    @Test("a provider is asked before containers start: it waits for none")
    func early() throws {
        let text = """
            services:
              db: {image: db}
              cloud: {provider: {type: cloud}, depends_on: [db]}
              bad: {provider: {type: compose}}
            """
        let error = #expect(throws: ComposeError.self) { try project(text) }
        #expect(
            error?.problems.map(\.message) == [
                "a provider is asked before any container starts: it cannot wait for \"db\"",
                "'compose' is not a valid provider type",
            ]
        )
    }
}
