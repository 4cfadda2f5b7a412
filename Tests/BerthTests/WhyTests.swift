import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Reconciler
import TestSupport
import Testing
import TextForms

@testable import berth

@Suite("berth why")
struct WhyTests {
    private static let now = Timestamp("2026-03-01T12:00:00Z") ?? .now()
    private static let earlier = Timestamp("2026-03-01T11:57:00Z") ?? .now()

    private static let shop = """
        services:
          web:
            image: web
            depends_on:
              db: {condition: service_healthy}
              migrate: {condition: service_completed_successfully}
          db: {image: db}
          migrate:
            image: migrate
            depends_on: {db: {condition: service_started}}
          debug: {image: debug, profiles: [tools]}
        """

    /// A container of a service, changed by `change`.
    private static func container(
        _ service: String,
        lines: [String] = [],
        health: HealthLog? = nil,
        _ change: (inout ContainerRecord) -> Void = { _ in }
    ) -> ProjectSituation.Container {
        let image = Digest.of([])
        var record = ContainerRecord(
            id: .random(),
            name: "shop-\(service)-1",
            image: image,
            specJSON: "{}",
            specHash: image,
            createdAt: earlier
        )
        record.service = service
        record.desired = .running
        change(&record)
        var container = ProjectSituation.Container(record: record)
        container.spec = ContainerSpec(
            image: image,
            imageName: service,
            process: ProcessSpec(arguments: ["x"])
        )
        container.health = health
        container.lines = lines
        return container
    }

    private static func running(_ service: String, _ health: ContainerRecord.Health? = nil)
        -> ProjectSituation.Container
    {
        container(service) { record in
            (record.status, record.startedAt, record.health) = (.running, earlier, health)
        }
    }

    private static func ended(
        _ service: String,
        _ code: Int32,
        lines: [String] = [],
        _ change: (inout ContainerRecord) -> Void = { _ in }
    ) -> ProjectSituation.Container {
        container(service, lines: lines) { record in
            record.status = .exited
            (record.exitCode, record.startedAt, record.finishedAt) = (code, earlier, earlier)
            change(&record)
        }
    }

    private static func diagnosis(
        of service: String,
        _ containers: [ProjectSituation.Container],
        _ change: (inout ProjectSituation) -> Void = { _ in }
    ) throws -> Diagnosis {
        var options = LoadOptions(purpose: .lookUp, workingDirectory: "/shop", environment: [:])
        options.projectName = "shop"
        let loaded = try ComposeLoader(files: MemoryFiles(["/shop/compose.yaml": shop]))
            .load(options)
        var situation = ProjectSituation(loaded.project)
        situation.containers = Dictionary(grouping: containers) { $0.record.service ?? "" }
        change(&situation)
        return Diagnoser(situation: situation, now: now).diagnose(service)
    }

    @Test("walks from the service over what it waits for to the check that fails")
    func chain() throws {
        let health = HealthLog(
            status: .unhealthy,
            failingStreak: 5,
            probes: [
                ProbeResult(started: Self.earlier, ended: Self.earlier, exitCode: 1, output: "no\n")
            ]
        )
        var db = Self.running("db", .unhealthy)
        db.health = health
        db.lines = ["FATAL: wrong owner"]
        let diagnosis = try Self.diagnosis(of: "web", [Self.container("web"), db])
        #expect(diagnosis.verdict == .wrong)
        #expect(
            diagnosis.text() == """
                web was not started
                  shop-web-1 was made and never started
                    it waits for db to be healthy, and db is unhealthy
                      shop-db-1 runs, started 3 minutes ago, and is unhealthy: its check failed 5 times in a row
                        the check's last answer, 3 minutes ago: exit code 1
                          no
                        the last lines of its log:
                          FATAL: wrong owner
                        → `berth config --explain db.healthcheck` shows the check
                    it waits for migrate to complete, and migrate does not run
                      it has no container: it was never brought up, or was removed
                        → `berth up -d migrate`

                """
        )
    }

    @Test(
        "an end is told with its code, its signal, its cause and the last lines",
        arguments: [
            (Int32(3), false, nil, "shop-db-1 ended with exit code 3, 3 minutes ago"),
            (127, false, nil, "ended with exit code 127: a command in it was not found"),
            (137, false, nil, "exit code 137, as a program does that SIGKILL ends"),
            (139, false, nil, "exit code 139, as a program does that SIGSEGV ends"),
            (137, true, nil, "was killed (exit code 137) because its memory was used up"),
            (137, false, "its keeper was killed", "ended: its keeper was killed"),
        ] as [(Int32, Bool, String?, String)]
    )
    func ends(code: Int32, oom: Bool, error: String?, words: String) throws {
        let db = Self.ended("db", code, lines: ["last words"]) { record in
            (record.oomKilled, record.error) = (oom, error)
        }
        let diagnosis = try Self.diagnosis(of: "db", [db])
        #expect(diagnosis.verdict == .wrong && diagnosis.summary == "db has failed")
        let text = diagnosis.text()
        #expect(text.contains(words) && text.contains("\n      last words\n"), "\(text)")
        #expect(text.contains("nothing starts it again, since `restart` says no"))
    }

    @Test("what a container's state says of its service", arguments: Self.table)
    func states(state: State) throws {
        let diagnosis = try Self.diagnosis(of: state.service, state.containers)
        #expect(diagnosis.verdict == state.verdict)
        #expect(diagnosis.summary == state.summary)
        #expect(diagnosis.text().contains(state.words), "\(diagnosis.text())")
    }

    struct State: Sendable, CustomTestStringConvertible {
        var service = "db"
        var containers: [ProjectSituation.Container]
        var verdict: Diagnosis.Verdict
        var summary: String
        var words: String
        var testDescription: String { "\(summary): \(words)" }
    }

    private static let table = [
        State(
            containers: [running("db", .healthy)],
            verdict: .well,
            summary: "db is well",
            words: "shop-db-1 runs, started 3 minutes ago, and is healthy"
        ),
        State(
            containers: [running("db", .starting)],
            verdict: .starting,
            summary: "db is starting",
            words: "its check has not succeeded yet"
        ),
        State(
            containers: [
                container("db") { record in
                    (record.status, record.startedAt, record.isPaused) = (.running, earlier, true)
                }
            ],
            verdict: .wrong,
            summary: "db is paused",
            words: "→ `berth unpause db` lets it go on"
        ),
        State(
            containers: [
                container("db", lines: ["again"]) { record in
                    (record.status, record.exitCode, record.restartCount) = (.restarting, 1, 7)
                }
            ],
            verdict: .wrong,
            summary: "db fails again and again",
            words: "it was started again 7 times"
        ),
        State(
            containers: [
                container("db") { record in
                    (record.exitCode, record.error) = (127, "cannot execute x: not found")
                }
            ],
            verdict: .wrong,
            summary: "db could not start",
            words: "could not be started: cannot execute x: not found"
        ),
        State(
            containers: [ended("db", 0) { $0.desired = .stopped }],
            verdict: .wrong,
            summary: "db is stopped",
            words: "→ `berth start db`"
        ),
        State(
            service: "web",
            containers: [running("web", .healthy), ended("db", 0) { $0.desired = .stopped }],
            verdict: .well,
            summary: "web is well",
            words: "it needs db to be healthy, and db is stopped"
        ),
        State(
            service: "migrate",
            containers: [ended("migrate", 0)],
            verdict: .well,
            summary: "migrate has completed",
            words: "exit code 0"
        ),
        State(
            service: "debug",
            containers: [],
            verdict: .wrong,
            summary: "debug does not run",
            words: "it belongs to the profile tools, and no such profile is active"
        ),
        State(
            containers: [],
            verdict: .wrong,
            summary: "db does not run",
            words: "nothing of project shop was brought up"
        ),
    ]

    @Test("what would refuse an `up`, and the steps that it would take, are told")
    func outlook() throws {
        let diagnosis = try Self.diagnosis(of: "db", []) { situation in
            var outlook = ProjectSituation.Outlook()
            outlook.obstacles = ["volume data: declared as external"]
            outlook.heldPorts = ["cannot publish 80/tcp: address already in use by nginx (pid 7)"]
            outlook.plan = Plan(
                steps: [.init(.createVolume(.init(name: "shop_data")), because: "no volume yet")]
            )
            situation.outlooks["db"] = outlook
        }
        let text = diagnosis.text()
        #expect(text.contains("`berth up` would refuse: volume data: declared as external"))
        #expect(text.contains("address already in use by nginx (pid 7)"))
        #expect(
            text.contains("`berth up db` would:\n    create volume shop_data (no volume yet)\n")
        )
        let json = diagnosis.json
        #expect(json["verdict"]?.string == "wrong")
        #expect(json["findings"]?.elements?.count == 3)
        #expect(json["plan"]?.elements?.first?["step"]?.string == "create volume shop_data")
    }

    @Test("a circle of dependencies ends")
    func circle() throws {
        let diagnosis = try Self.diagnosis(of: "web", [Self.container("web")]) { situation in
            var dependency = Dependency()
            dependency.condition = .healthy
            situation.services["db"]?.dependsOn = ["web": dependency]
        }
        #expect(diagnosis.text().contains("it waits for db to be healthy, and db does not run"))
    }
}
