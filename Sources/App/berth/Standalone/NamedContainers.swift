import ContainerRuntime
import Engine
import Supervisor

/// The containers that a command line names, whatever project they belong to, one verb on each.
///
/// Docker's rule for several: each that succeeds is printed as it was written, each failure is told,
/// all are tried, and the command fails if one of them did.
struct NamedContainers: Sendable {
    let names: [String]
    /// Whether one that is not there is told and is no failure.
    var forgivesMissing = false
    /// What docker's engine says before the reason, of each: `cannot kill container: web: …`.
    var preface: String?
    /// What docker's command line says of those that failed, at the end: `failed to start containers`.
    var conclusion: String?

    init(_ names: [String]) { self.names = names }

    /// At most so many verbs at the same time, as in docker's command line.
    private static let limit = 50

    /// Does `verb` to all of them at the same time; prints in their order.
    func each(
        printing: Bool = true,
        _ verb: @escaping @Sendable (Target) async throws -> Void
    ) async throws {
        let session = try Session.openIfAny()
        let results = await withTaskGroup(of: (Int, (any Error)?).self) { group in
            var results: [(any Error)?] = Array(repeating: nil, count: names.count)
            for (index, name) in names.enumerated() {
                if index >= Self.limit, let (done, error) = await group.next() {
                    results[done] = error
                }
                group.addTask {
                    do {
                        try await verb(try await Target(name, in: session))
                        return (index, nil)
                    } catch { return (index, error) }
                }
            }
            for await (index, error) in group { results[index] = error }
            return results
        }
        var failed: [String] = []
        for (name, error) in zip(names, results) {
            guard let error else {
                if printing { Terminal.line(name) }
                continue
            }
            var failure = Failure(error) ?? Failure("\(error)")
            if !(forgivesMissing && failure.isMissing) { failed.append(name) }
            if let preface, failure.refusedByEngine, !failure.lines.isEmpty {
                failure.lines[0] = "\(preface): \(name): \(failure.lines[0])"
            }
            failure.tell()
        }
        guard !failed.isEmpty else { return }
        guard let conclusion else { throw Failure(silent: 1) }
        throw Failure("Error: \(conclusion): \(failed.joined(separator: ", "))")
    }

    /// The one that is named, for a verb on one alone.
    static func one(_ name: String) async throws -> Target {
        try await Target(name, in: Session.openIfAny())
    }

    /// A container with what is needed to do something to it.
    struct Target: Sendable {
        let record: ContainerRecord
        let session: Session

        init(_ text: String, in session: Session?) async throws {
            guard let session else { throw Failure(missing: text) }
            self.session = session
            do {
                let known = try await session.engine.container(matching: text)
                let found = try await session.supervising {
                    [try await session.engine.observe(known.id)]
                }
                record = found.first?.record ?? known
            } catch let error as EngineError {
                switch error.kind {
                case .notFound: throw Failure(missing: text)
                case .conflict:
                    throw Failure(engine: "multiple IDs found with provided prefix: \(text)")
                default: throw error
                }
            }
        }

        /// Whose supervisor keeps it.
        var project: String { record.project ?? Layout.standaloneProject }
        var engine: Engine { session.engine }
        var isAlive: Bool { record.status == .running || record.status == .restarting }

        /// Runs `body` with the supervisor that keeps the container.
        func supervised<R: Sendable>(
            _ body: (SupervisorClient) async throws -> R
        ) async throws -> R {
            let client = try session.client(of: project)
            do {
                let result = try await body(client)
                try await client.close()
                return result
            } catch {
                await client.disconnect()
                throw error
            }
        }
    }
}

extension Failure {
    private static let missing = "No such container: "

    /// There is no container that is called so, in docker's words.
    init(missing text: String) { self.init(engine: Self.missing + text) }

    var isMissing: Bool { lines.first?.hasPrefix(Self.missing) == true }
}
