import Compose
import OrderedCollections
import TestSupport
import Testing

/// Mistakes that are found before anything is made.
@Suite("Rules")
struct RuleTests {
    @Test("a second merge key is an error that names the first and shows one for both")
    func mergeKeys() {
        let text = """
            x-a: &a {user: u}
            x-b: &b {hostname: h}
            services:
              web:
                image: x
                <<: *a
                <<: *b
            """
        #expect(
            problems(text)
                == "compose.yaml:7:5: mapping key \"<<\" already defined at line 6; "
                + "write one: <<: [*a, *b]"
        )
    }

    @Test(
        "a variable with a blank behind its name is refused at the element",
        arguments: ["environment", "build: {context: ., args"]
    )
    func trailingBlank(attribute: String) {
        let end = attribute.contains("{") ? "}" : ""
        let found = problems(
            "services:\n  a:\n    image: x\n    \(attribute): [\"DEBUG = true\"]\(end)\n"
        )
        #expect(
            found.contains("[0]: the variable \"DEBUG \" is declared with a trailing blank"),
            "\(found)"
        )
        #expect(problems("services: {a: {image: x, labels: [\"a = b\"]}}") == "")
    }

    @Test(
        "waiting for the health of a service whose check is off is refused, both places named",
        arguments: ["disable: true", "test: [NONE]", "test: NONE"]
    )
    func disabledHealthcheck(check: String) {
        let text = """
            services:
              web: {image: x, depends_on: {db: {condition: service_healthy}}}
              db: {image: x, healthcheck: {\(check)}}
            """
        let found = problems(text, options: .test(.run))
        #expect(
            found.hasPrefix(
                "compose.yaml:2:48: services.web.depends_on.db.condition: service \"db\" never "
                    + "becomes healthy: its healthcheck is disabled"
            ) == (check != "test: NONE"),
            "\(found)"
        )
        #expect(found.contains("line 3") == (check != "test: NONE"))
    }

    @Test("a limit beside others in the new form is a warning, since docker compose refuses it")
    func limits() throws {
        let text = """
            services:
              a: {image: x, cpus: 0.5, deploy: {resources: {limits: {memory: 1g}}}}
            """
        #expect(
            try loadText(text).warnings.map(\.message) == [
                "docker compose refuses 'cpus' beside limits without "
                    + "'deploy.resources.limits.cpus'"
            ]
        )
        let alone = "services: {a: {image: x, cpus: 0.5, deploy: {resources: {}}}}"
        #expect(try loadText(alone).warnings.isEmpty)
    }

    @Test("a dependency that a profile leaves out names the profile")
    func profile() {
        let text = """
            services:
              main: {image: x, profiles: [dev]}
              test: {image: x, depends_on: [main]}
            """
        #expect(
            problems(text).contains(
                "its profile \"dev\" is not active; enable it with --profile dev"
            )
        )
    }

    @Test("what looks at running containers needs neither env files nor profiles")
    func lookUp() throws {
        var options = LoadOptions.test()
        options.without = [.resolveEnvironment, .checkReferences]
        let text = """
            services:
              main: {image: x, profiles: [dev], env_file: gone.env}
              test: {image: x, depends_on: [main], env_file: gone.env, label_file: gone.labels}
            """
        let project = try loadText(text, options: options).project
        #expect(Array(project.services.keys) == ["test"])
        #expect(Array(project.disabledServices.keys) == ["main"])
    }
}
