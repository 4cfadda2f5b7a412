import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// What of `deploy` is carried out, as docker compose takes it.
@Suite("deploy")
struct DeployTests {
    private func service(_ attributes: String) throws -> Service {
        let text = "services: {web: {image: x, \(attributes)}}"
        return try #require(try load(text, options: .test(.run)).project.services["web"])
    }

    @Test("replicas are a scale that was said elsewhere")
    func replicas() throws {
        #expect(try service("deploy: {replicas: 3}").scale == 3)
        #expect(try service("deploy: {replicas: 0}").scale == 0)
        #expect(try service("scale: 2, deploy: {replicas: 2}").scale == 2)
        #expect(try service("deploy: {mode: global}").scale == 1)
        let both = problems("services: {web: {image: x, scale: 2, deploy: {replicas: 3}}}")
        #expect(both.contains("can't set distinct values on 'scale' and 'deploy.replicas'"))
        let named = problems(
            "services: {web: {image: x, container_name: one, deploy: {replicas: 2}}}"
        )
        #expect(named.contains("container_name allows one container, replicas wants 2"))
    }

    @Test(
        "a condition of restart_policy is a restart",
        arguments: [
            ("none", "", RestartDeclaration.no), ("any", "", .always),
            ("on-failure", "", .onFailure(maximumRetries: nil)),
            ("on-failure", ", max_attempts: 3", .onFailure(maximumRetries: 3)),
            ("on-failure", ", max_attempts: 0", .onFailure(maximumRetries: nil)),
        ]
    )
    func condition(word: String, rest: String, restart: RestartDeclaration) throws {
        let policy =
            "restart: unless-stopped, deploy: {restart_policy: {condition: \(word)\(rest)}}"
        #expect(try service(policy).deploy?.restartPolicy?.condition == restart)
    }

    @Test("attempts that are counted for ever are refused with Docker's reason")
    func attempts() throws {
        let text = """
            services:
              web:
                image: x
                deploy:
                  restart_policy: {condition: any, max_attempts: 3}
            """
        let found = problems(text, options: .test(.run))
        #expect(
            found.hasPrefix("compose.yaml:5:40: services.web.deploy.restart_policy.max_attempts")
        )
        #expect(found.contains("maximum retry count can only be used with 'on-failure'"))
    }

    @Test("a restart_policy without a condition restarts nothing, and says so")
    func withoutCondition() throws {
        let text = "services: {web: {image: x, restart: always, deploy: {restart_policy: {}}}}"
        let warning = try #require(try load(text).warnings.first)
        #expect(
            warning.message.contains("nothing is restarted and \"restart: always\" is left out")
        )
    }

    @Test("pull_policy: refresh says when")
    func refresh() throws {
        let refused = problems(
            "services: {web: {image: x, pull_policy: refresh}}",
            options: .test(.run)
        )
        #expect(refused.contains("services.web.pull_policy: \"refresh\" needs the age"))
        let web = try service("pull_policy: refresh, pull_refresh_after: 1d12h")
        #expect(web.pullRefreshAfter == .seconds(36 * 3600))
        #expect(try service("pull_policy: weekly").pullPolicy == .refresh(every: .seconds(604_800)))
    }
}
