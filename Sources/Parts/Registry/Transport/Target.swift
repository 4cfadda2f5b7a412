import OCI

/// What a request is for, as far as errors and authentication care.
struct Target: Sendable {
    var host: RegistryHost
    /// What errors call it: the reference as the user knows it.
    var subject: String
    /// The repository, `library/redis`.
    var path: String

    init(_ reference: ImageReference) {
        host = RegistryHost(reference.domain)
        subject = reference.familiar
        path = reference.path
    }

    /// What a token has to allow.
    var scope: String { "repository:\(path):pull" }

    func error(_ cause: RegistryError.Cause) -> RegistryError {
        RegistryError(host: host.name, subject: subject, cause)
    }
}
