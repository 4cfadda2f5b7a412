package import Compose
import OrderedCollections

/// How the program of a `provider` is called. compose-spec "provider"; docker compose's protocol.
package struct ProviderCall: Equatable, Sendable {
    /// What the program is asked for.
    package enum Command: String, Sendable { case up, down, stop }

    /// What a program says of one of its commands (`compose metadata`).
    package struct Parameters: Equatable, Sendable {
        /// Options that it takes.
        package var known: Set<String>
        package var required: [String]

        /// Names of options.
        package init(known: Set<String>, required: [String]) {
            self.known = known
            self.required = required
        }
    }

    /// What it is called with.
    package var arguments: [String]

    /// Options are in their order; one with several values is given several times. Of a program that
    /// says which it takes, the others are left out: each command takes its own.
    ///
    /// - Throws: for an option that is missing.
    package init(
        _ command: Command,
        of service: Service,
        in project: Project,
        taking parameters: Parameters? = nil
    ) throws(ReconcilerError) {
        let provider = service.provider ?? ProviderDeclaration(type: "")
        if let missing = parameters?.required.first(where: { provider.options[$0] == nil }) {
            throw ReconcilerError(
                "",
                "required parameter \"\(missing)\" is missing from provider \"\(provider.type)\" definition",
                remedy: "add it to \"options\"",
                at: "services.\(service.name).provider"
            )
        }
        let options = provider.options.flatMap { name, values in
            parameters?.known.contains(name) ?? true ? values.map { "--\(name)=\($0)" } : []
        }
        arguments =
            ["compose", "--project-name=\(project.name)", command.rawValue] + options
            + [service.name]
    }
}

/// A variable that a provider gives to what depends on it.
package enum ProvidedVariable: Equatable, Sendable {
    /// Its name gets the service's in front of it.
    case prefixed(name: String, value: String)
    case raw(name: String, value: String)

    /// The names that it has for a service, and its value. docker compose keeps a dash of the service's
    /// name, which no shell can read: it is there with a `_`, too.
    func entries(of service: String) -> [(name: String, value: String)] {
        switch self {
        case .raw(let name, let value): return [(name, value)]
        case .prefixed(let name, let value):
            let prefix = service.uppercased()
            let names = Set([prefix, service.asVariable]).sorted()
            return names.map { ("\($0)_\(name)", value) }
        }
    }
}

extension String {
    /// A name as a part of the name of a variable: in capitals, without dashes.
    var asVariable: String { String(uppercased().map { $0 == "-" ? "_" : $0 }) }
}
