import Compose
import Reconciler
import TextForms

/// Models of a project, by docker's program for them.
struct Models: Sendable {
    let progress: Progress

    /// Pulls those that are missing, says how each is to be run, and gives where they answer.
    func provide(_ models: [(key: String, model: ModelDeclaration)]) async throws -> String {
        let path: String
        do {
            path = try ProviderProgram.find("model", for: "models")
        } catch {
            throw Failure(
                "'models' support requires Docker Model plugin: no program docker-model is installed; "
                    + "install it, or run a server of models as a service and give its address in "
                    + "\"environment\""
            )
        }
        let known = try await output(path, ModelCalls.list)
        let here = (known.elements ?? []).flatMap { $0["tags"]?.elements ?? [] }
            .compactMap(\.string)
        for (key, model) in models {
            let subject = "Model \(ModelCalls.title(of: model, key: key))"
            if !here.contains(model.model) {
                progress.report(subject, "Pulling", .working)
                try await call(path, ModelCalls.pull(model), subject)
            }
            progress.report(subject, "Configuring", .working)
            try await call(path, ModelCalls.configure(model), subject)
            progress.report(subject, "Configured", .done)
        }
        let status = try await output(path, ModelCalls.status)
        guard let endpoint = status["endpoint"]?.string, !endpoint.isEmpty else {
            throw Failure("\(path) status says no endpoint: is its runner started?")
        }
        return endpoint
    }

    private func call(_ path: String, _ arguments: [String], _ subject: String) async throws {
        let status = try await ProviderProgram(path: path, arguments: arguments).run { _ in }
        guard status != 0 else { return }
        progress.report(subject, "Error", .failed)
        throw Failure("`\(path) \(arguments.joined(separator: " "))` exited with status \(status)")
    }

    private func output(_ path: String, _ arguments: [String]) async throws -> JSONValue {
        var bytes: [UInt8] = []
        let status = try await ProviderProgram(path: path, arguments: arguments).run {
            bytes += $0 + [UInt8(ascii: "\n")]
        }
        let words = "`\(path) \(arguments.joined(separator: " "))`"
        guard status == 0 else { throw Failure("\(words) exited with status \(status)") }
        do throws(JSONValue.Malformed) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw Failure("\(words) wrote no JSON: \(error.reason)")
        }
    }
}
