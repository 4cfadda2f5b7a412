import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// Loads of commands that only look for what runs, from files that are wrong.
@Suite("Problems set aside")
struct SetAsideTests {
    private func lookUp(
        _ text: String,
        name: String? = nil,
        environment: [String: String] = [:]
    ) throws -> LoadedProject {
        var options = LoadOptions.test(.lookUp, environment: environment)
        options.strictness = .setsProblemsAside
        options.projectName = name
        return try loadText(text, options: options)
    }

    @Test(
        "what is wrong in a service leaves its name known",
        arguments: [
            ("restart: sometimes", "services.web.restart"),
            ("prots: ['80']", "services.web"),
            ("ports: ['http:80']", "services.web.ports[0]"),
            ("ports: 80", "services.web.ports"),
            ("environment: {KEY: '${KEY:?needed}'}", "services.web.environment.KEY"),
            ("environment: {KEY: '${KEY'}", "services.web.environment.KEY"),
            ("depends_on: {db: {condition: perhaps}}", "services.web.depends_on.db.condition"),
            ("volumes: [5]", "services.web.volumes[0]"),
            ("networks: {front: 5}", "services.web.networks.front"),
            ("stop_grace_period: soon", "services.web.stop_grace_period"),
            ("extends: {service: gone}", "services.web.extends"),
            ("extends: {file: gone.yaml, service: web}", "services.web.extends.file"),
            ("profiles: dev", "services.web.profiles"),
        ]
    )
    func services(attribute: String, path: String) throws {
        let text = "services:\n  web:\n    image: x\n    \(attribute)\n  db: {image: y}\n"
        let loaded = try lookUp(text)
        #expect(loaded.project.services.keys.elements == ["web", "db"])
        #expect(loaded.project.services["web"]?.image == "x")
        #expect(loaded.setAside.problems.map(\.path) == [path])
        #expect(throws: ComposeError.self) { try loadText(text) }
    }

    @Test(
        "a network or volume whose declaration is wrong is named",
        arguments: [
            "{data: {extrenal: true}}", "{data: {external: perhaps}}", "{data: {name: '${N:?}'}}",
            "{data: 5}", "[data]",
        ]
    )
    func resources(declarations: String) throws {
        let wrong = declarations.hasPrefix("[") ? SetAside.Keys.all : .some(["data"])
        for section in ["networks", "volumes"] {
            let used = section == "networks" ? "data" : "'data:/d'"
            let text = """
                services: {web: {image: x, \(section): [\(used)]}}
                \(section): \(declarations)
                """
            let aside = try lookUp(text).setAside
            #expect(aside.problems.count == 1)
            #expect(aside.networks == (section == "networks" ? wrong : .some([])))
            #expect(aside.volumes == (section == "volumes" ? wrong : .some([])))
        }
    }

    @Test(
        "what leaves open which project or which services are meant stays an error",
        arguments: [
            "services: [web]", "services:", "services: {we b: {image: x}}", "web: {image: x}",
            "services: {web: {image: x}}\nname: '${NAME:?}'",
            "services: {web: {image: x}}\nname: 5",
            "services: {web: {image: x}}\nnaem: shop", "services: {web: {image: x}\n",
            "services: {web: {image: x}}\ninclude: [gone.yaml]", "- web",
            "services: {web: {image: x, image: y}}", "servces: {web: {image: x}}\nname: shop",
        ]
    )
    func unusable(text: String) {
        #expect(throws: ComposeError.self) { try lookUp(text) }
    }

    @Test("an unknown key of the top level cannot be the name where somebody says that")
    func named() throws {
        let text = "services: {web: {image: x}}\nvolmes: {data: {}}\n"
        #expect(throws: ComposeError.self) { try lookUp(text) }
        #expect(try lookUp("name: shop\n" + text).setAside.problems.count == 1)
        // It may have been meant to say which volumes are external.
        #expect(try lookUp(text, name: "shop").setAside.volumes == .all)
        let environment = ["COMPOSE_PROJECT_NAME": "shop"]
        #expect(try lookUp(text, environment: environment).project.name == "shop")
        // With a name from the command line that of the file does not matter.
        let wrong = try lookUp("services: {web: {image: x}}\nname: [5]", name: "shop")
        #expect(wrong.setAside.problems.map(\.path) == ["name"])
    }

    @Test("more problems than are told stay an error")
    func countless() {
        let keys = (0...200).map { "    key\($0): 1\n" }.joined()
        #expect(throws: ComposeError.self) {
            try lookUp("services:\n  web:\n    image: x\n" + keys)
        }
    }
}
