import OCI

/// What a request is for, as far as errors and authentication care.
struct Target: Sendable {
    var host: RegistryHost
    /// What errors call it: the reference as the user knows it.
    var subject: String
    /// The repository, `library/redis`.
    var path: String

    /// Who is asked in the registry's place.
    var mirror: Mirror?
    /// What is done there, and so what a token has to allow.
    var access = Access.pull
    /// Other repositories of the registry that are read besides.
    var sources: [String] = []

    enum Access: String {
        case pull
        case push = "pull,push"
        /// Whatever the registry's challenge names: credentials are tried out.
        case login = ""
        /// The list of its repositories.
        case catalog = "*"
        /// Docker Hub's search, which is not part of the registry API.
        case search = "search"
    }

    init(_ reference: ImageReference, _ access: Access = .pull, sources: [String] = []) {
        self.access = access
        self.sources = sources
        host = RegistryHost(reference.domain)
        subject = reference.familiar
        path = reference.path
    }

    /// The registry itself.
    init(_ host: RegistryHost, _ access: Access) {
        self.host = host
        self.access = access
        subject = host.name
        path = ""
    }

    /// The same at a mirror.
    func at(_ mirror: Mirror) -> Target {
        var target = self
        target.mirror = mirror
        target.host = RegistryHost(mirror.authority)
        return target
    }

    /// What a token has to allow; several scopes have a space in between.
    var scope: String {
        switch access {
        case .login, .search: return ""
        case .catalog: return "registry:catalog:*"
        case .pull, .push: break
        }
        return (["repository:\(path):\(access.rawValue)"] + sources.map { "repository:\($0):pull" })
            .joined(separator: " ")
    }

    func error(_ cause: RegistryError.Cause) -> RegistryError {
        RegistryError(host: host.name, subject: subject, for: access.purpose, cause)
    }
}

extension Target.Access {
    /// How errors speak of it.
    var purpose: RegistryError.Purpose {
        switch self {
        case .pull: .pull
        case .push: .push
        case .login: .login
        case .catalog, .search: .search
        }
    }
}
