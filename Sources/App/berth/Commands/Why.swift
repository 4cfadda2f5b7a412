import ArgumentParser
import Compose
import DockerViews
import Engine
import Reconciler
import TextForms

/// Why services are as they are.
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract:
            "Say why a service does not run or is not healthy, from the symptom to the cause.",
        discussion: """
            Looks at the file, the containers, their health checks and logs, at what they wait for, \
            and at what `berth up` would do. Changes nothing. The exit code is 0 when every service \
            that was asked about is well, 2 when one is not, and 1 when nobody can say.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(help: "text or json.", completion: .list(Format.allCases.map(\.rawValue)))
    var format = Format.text

    @Option(
        name: [.customShort("n"), .customLong("tail")],
        help: ArgumentHelp("So many last lines of a log.", valueName: "number")
    )
    var tail = 10

    @Argument(
        help: "Services; all that the project has when none is named.",
        completion: .services
    )
    var services: [String] = []

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    func validate() throws {
        guard (0...1000).contains(tail) else {
            throw ValidationError("--tail takes a number from 0 to 1000, not \(tail)")
        }
    }

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        var situation = ProjectSituation(scope)
        let observed = try await scope.containers(of: [], in: session)
        if let session { try await situation.look(at: observed, lines: tail, session) }
        let names = try asked(situation)
        if scope.project != nil { try await foresee(names, &situation, session) }
        let diagnoser = Diagnoser(situation: situation, now: .now())
        let diagnoses = names.map(diagnoser.diagnose)
        show(diagnoses, of: scope.name)
        guard diagnoses.allSatisfy({ $0.verdict == .well }) else { throw Failure(silent: 2) }
    }

    /// The services that were named, or all: of the file those that take part, and what runs besides.
    private func asked(_ situation: ProjectSituation) throws -> [String] {
        guard services.isEmpty else {
            for name in services
            where situation.services[name] == nil && situation.containers[name] == nil {
                throw Failure("no such service: \(VisibleText.shortened(name))")
            }
            return services
        }
        let active = situation.services.keys.filter { !situation.disabled.contains($0) }
        return Set(active).union(situation.containers.keys).sorted()
    }

    /// Looks at what `up` would do. A file that cannot be brought up is a cause, and no error.
    private func foresee(
        _ names: [String],
        _ situation: inout ProjectSituation,
        _ session: Session?
    ) async throws {
        // Standard input was read by the first load.
        guard !project.files.contains("-") else { return }
        let named = names.filter { situation.services[$0] != nil }
        do {
            let options = try project.loadOptions(.run, services: named)
            let loaded = try ComposeLoader(files: LocalFiles()).load(options)
            guard let session else { return }
            for name in named { try await situation.foresee(name, of: loaded.project, session) }
        } catch let error as ComposeError {
            situation.fileProblems = error.problems.map { $0.rendered() }
        }
    }

    private func show(_ diagnoses: [Diagnosis], of project: String) {
        switch format {
        case .text:
            Terminal.write(diagnoses.map { $0.text() }.joined(separator: "\n"))
        case .json:
            let document = JSONValue.object([
                .init(name: "project", value: .string(project)),
                .init(name: "services", value: .array(diagnoses.map(\.json))),
            ])
            Terminal.line(document.text())
        }
    }
}
