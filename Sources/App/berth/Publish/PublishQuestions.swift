import Compose
import OrderedCollections

/// What is asked, or refused, before a project's files go to where others read them.
struct PublishQuestions {
    let project: Project
    /// `--with-env`.
    let withEnvironment: Bool
    /// Services that have env files.
    let servicesWithFiles: Set<String>
    /// Of the files themselves.
    let secrets: [SecretFinding]

    private var services: [Service] {
        Array(project.services.values) + project.disabledServices.values + project.providers.values
    }

    /// What nobody can answer yes to: who gets the files has not what the images are built from.
    func check() throws {
        let built = services.filter { $0.image == nil && $0.build != nil }.map {
            "- \"\($0.name)\""
        }
        guard built.isEmpty else {
            throw Failure(
                "your Compose stack cannot be published as it only contains a build section for "
                    + "service(s):\n" + built.joined(separator: "\n")
                    + "\n`image` says where others find what is built"
            )
        }
    }

    /// Whether every question is answered with a yes.
    func areAnswered() throws -> Bool {
        let binds = services.compactMap(Self.binds)
        if !binds.isEmpty {
            let text =
                "you are about to publish bind mounts declaration within your OCI artifact.\n"
                + "It has the paths of this machine, and not what is in them:\n"
                + binds.joined(separator: "\n")
            guard Confirmation.ask(text, "Are you ok to publish these bind mount declarations?")
            else { return false }
        }
        if !secrets.isEmpty {
            let text =
                "this looks like what only you should know, and would be readable for everybody who "
                + "reads the artifact\n" + secrets.map(\.description).joined(separator: "\n")
            guard Confirmation.ask(text, "Publish it?") else { return false }
        }
        try checkVariables()
        let variables = variables
        guard !variables.isEmpty else { return true }
        let text = "these environment variables are published\n" + variables.joined(separator: "\n")
        return Confirmation.ask(text, "Publish them?")
    }

    private static func binds(of service: Service) -> String? {
        let lines = service.volumes.compactMap { mount -> String? in
            guard case .bind(let path, _) = mount.source else { return nil }
            return "  \(path):\(mount.target):\(mount.readOnly ? "ro" : "rw")"
        }
        return lines.isEmpty ? nil : "\(service.name)\n" + lines.joined(separator: "\n")
    }

    /// As docker compose: without `--with-env` no variable is published.
    private func checkVariables() throws {
        guard !withEnvironment else { return }
        let services = services.flatMap { service -> [String] in
            (servicesWithFiles.contains(service.name)
                ? ["service \"\(service.name)\" has env_file declared."] : [])
                + (service.environment.isEmpty
                    ? [] : ["service \"\(service.name)\" has environment variable(s) declared."])
        }
        let configs = project.configs.values.filter { $0.environment?.isEmpty == false }
            .map { "config \"\($0.name)\" is an environment variable." }
        guard services.isEmpty && configs.isEmpty else {
            throw Failure(
                (services + configs).joined(separator: "\n")
                    + "\n--with-env publishes them; without it they have to leave the files"
            )
        }
    }

    private var variables: [String] {
        services.filter { !$0.environment.isEmpty }.flatMap { service in
            [service.name] + service.environment.map { "  \($0)=\($1 ?? "")" }
        }
            + project.configs.values.compactMap { config in
                config.environment.map { "config \(config.name)\n  \($0)" }
            }
    }
}
