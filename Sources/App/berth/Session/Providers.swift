import Compose
import OrderedCollections
import Reconciler
import TextForms

/// Programs of this machine that provide services and models of a project.
struct Providers: Sendable {
    let project: Project?
    let name: String
    let progress: Progress
    /// Those that are meant; nil is all.
    var services: [String]?

    var source: ProviderSource {
        ProviderSource(
            up: { try await run(.up, $0) },
            models: { try await Models(progress: progress).provide($0) }
        )
    }

    /// Tells the programs that a project goes down or stops, those that depend on others first.
    func tell(_ command: ProviderCall.Command) async throws {
        guard let project, !project.providers.isEmpty else { return }
        let meant = services.flatMap { $0.isEmpty ? nil : $0 }
        for service in project.providersNeeded(by: [], named: meant ?? []).reversed()
        where meant?.contains(service.name) ?? true {
            _ = try await run(command, service)
        }
    }

    /// Runs one command of a provider; nothing for a `stop` that it does not have.
    private func run(
        _ command: ProviderCall.Command,
        _ service: Service
    ) async throws -> [ProvidedVariable] {
        guard let project, let type = service.provider?.type else { return [] }
        let path = try ProviderProgram.find(type, for: "provider of service \"\(service.name)\"")
        let metadata = try await metadata(of: path)
        if command == .stop, metadata?["stop"] == nil { return [] }
        let call = try ProviderCall(
            command,
            of: service,
            in: project,
            taking: metadata.map { Self.parameters($0[command.rawValue]) }
        )
        let subject = "Service \(service.name)"
        let words: (doing: String, done: String, action: String) =
            switch command {
            case .up: ("Creating", "Created", "create")
            case .down: ("Removing", "Removed", "remove")
            case .stop: ("Stopping", "Stopped", "stop")
            }
        progress.report(subject, words.doing, .working)
        var variables: [ProvidedVariable] = []
        do {
            let program = ProviderProgram(path: path, arguments: call.arguments)
            let status = try await program.run { line in
                try hear(line, of: service, &variables)
            }
            guard status == 0 else {
                throw Failure(
                    "failed to \(words.action) service provider: \(service.name): \(path) exited with "
                        + "status \(status)"
                )
            }
        } catch {
            progress.report(subject, "Error", .failed)
            throw error
        }
        progress.report(subject, words.done, .done)
        return variables
    }

    /// One message of a program: docker compose's protocol.
    private func hear(
        _ line: [UInt8],
        of service: Service,
        _ variables: inout [ProvidedVariable]
    ) throws {
        let subject = "service \(service.name)"
        let message: JSONValue
        do throws(JSONValue.Malformed) {
            message = try JSONValue(parsing: line)
        } catch {
            throw Failure("\(subject): its provider wrote no JSON: \(error.reason)")
        }
        let text = message["message"]?.string ?? ""
        switch message["type"]?.string {
        case "error": throw Failure("\(subject): \(text)")
        case "info":
            let first = text.split(separator: "\n").first.map(String.init) ?? ""
            progress.report("Service \(service.name)", first, .working)
        case "debug": break
        case "setenv":
            let (name, value) = try Self.variable(text, subject)
            variables.append(.prefixed(name: name, value: value))
        case "rawsetenv":
            let (name, value) = try Self.variable(text, subject)
            variables.append(.raw(name: name, value: value))
        case let type:
            let shown = VisibleText.shortened(type ?? "no type")
            throw Failure("\(subject): invalid response from its provider: \(shown)")
        }
    }

    private static func variable(_ text: String, _ subject: String) throws -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            let shown = VisibleText.shortened(text)
            throw Failure("\(subject): invalid response from its provider: \(shown)")
        }
        return (String(parts[0]), String(parts[1]))
    }

    /// What a program says of itself; nil where it says nothing.
    private func metadata(of path: String) async throws -> JSONValue? {
        var bytes: [UInt8] = []
        let program = ProviderProgram(
            path: path,
            arguments: ["compose", "metadata"],
            isQuiet: true
        )
        let status = try await program.run { bytes += $0 + [UInt8(ascii: "\n")] }
        // `try?`: one that does not know the word takes every option.
        guard status == 0, let value = try? JSONValue(parsing: bytes), value.members != nil else {
            return nil
        }
        return value["up"] == nil && value["down"] == nil ? nil : value
    }

    private static func parameters(_ command: JSONValue?) -> ProviderCall.Parameters {
        let parameters = command?["parameters"]?.elements ?? []
        let names = parameters.compactMap { $0["name"]?.string }
        let required = parameters.filter { $0["required"] == .bool(true) }
            .compactMap { $0["name"]?.string }
        return ProviderCall.Parameters(known: Set(names), required: required)
    }
}

extension ProjectScope {
    /// Those of the project's services, or of the named ones; none without a file.
    func providers(_ services: [String], _ progress: Progress) -> Providers {
        Providers(project: project, name: name, progress: progress, services: services)
    }
}

extension Project {
    /// Whether there is anything to bring up.
    var hasServices: Bool { !services.isEmpty || !providers.isEmpty }
}
