import OCI

/// What a request is for, as far as errors and authentication care.
struct Target: Sendable {
    var host: RegistryHost
    /// What errors call it: the reference as the user knows it.
    var subject: String
    /// The repository, `library/redis`.
    var path: String

    /// What is done there, and so what a token has to allow.
    var access = Access.pull
    /// Other repositories of the registry that are read besides.
    var sources: [String] = []

    enum Access: String { case pull, push = "pull,push" }

    init(_ reference: ImageReference, _ access: Access = .pull, sources: [String] = []) {
        self.access = access
        self.sources = sources
        host = RegistryHost(reference.domain)
        subject = reference.familiar
        path = reference.path
    }

    /// What a token has to allow; several scopes have a space in between.
    var scope: String {
        (["repository:\(path):\(access.rawValue)"] + sources.map { "repository:\($0):pull" })
            .joined(separator: " ")
    }

    func error(_ cause: RegistryError.Cause) -> RegistryError {
        RegistryError(host: host.name, subject: subject, isPush: access == .push, cause)
    }
}
