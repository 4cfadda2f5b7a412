import OCI
import SystemPackage

extension RegistryError {
    /// Docker's words where it has some, since people and scripts know them.
    package var description: String {
        switch purpose {
        case .pull: "cannot get \(subject) from \(host): \(words)"
        case .push: "cannot push \(subject) to \(host): \(pushWords ?? words)"
        case .login: "cannot log in to \(host): \(loginWords ?? words)"
        case .search: "cannot search \(host): \(searchWords ?? words)"
        }
    }

    /// The repository without tag and digest, as docker writes it in errors.
    private var repository: String {
        // What is no reference (a host) stands for itself.
        (try? ImageReference(subject))?.familiarName ?? subject
    }

    /// Where sending has other reasons than fetching.
    private var pushWords: String? {
        switch cause {
        case .unauthorized(let answer):
            return "push access denied, repository does not exist or may require authorization"
                + ": \(answer ?? "authentication required"); log in with `berth login\(loginArgument)`"
        case .notFound(let answer):
            return "the registry knows no such repository\(answer.map { " (\($0))" } ?? "") "
                + "or takes no pushes; check the name"
        case .interrupted(let reason): return "\(reason); try again, what was sent whole is kept"
        default: return nil
        }
    }

    private var loginWords: String? {
        switch cause {
        case .unauthorized(let answer):
            return "unauthorized: \(answer ?? "incorrect username or password")"
        case .notFound, .malformed: return "there is no registry at this address"
        default: return nil
        }
    }

    private var searchWords: String? {
        switch cause {
        case .unauthorized(let answer):
            return "access denied\(answer.map { " (\($0))" } ?? ""); "
                + "log in with `berth login\(loginArgument)`"
        case .notFound: return "it offers neither search nor a list of its repositories"
        default: return nil
        }
    }

    private func trustHint(_ reason: String) -> String {
        let folder = "/etc/docker/certs.d/\(host)"
        if reason.hasPrefix("x509") {
            return "put the certificate of its authority into \(folder)/ca.crt, or list it under "
                + "\"insecure-registries\" in \(RegistrySettings.file.string)"
        }
        return "certificates to show to it belong into \(folder)/client.cert and client.key"
    }

    /// What follows `berth login` for this registry.
    private var loginArgument: String { host == "docker.io" ? "" : " \(host)" }

    private var words: String {
        func quoted(_ answer: String?) -> String { answer.map { " (\($0))" } ?? "" }
        switch cause {
        case .unreachable(let reason):
            return "\(reason); is the registry running, and its name right?"
        case .untrusted(let reason): return "\(reason); \(trustHint(reason))"
        case .plain:
            return "http: server gave HTTP response to HTTPS client; if it is meant to be without "
                + "TLS, list it under \"insecure-registries\" in \(RegistrySettings.file.string)"
        case .timedOut: return "no answer in time; check the network and try again"
        case .interrupted(let reason): return "\(reason); try again, what has arrived is kept"
        case .notFound(let answer):
            return "manifest for \(subject) not found: \(answer ?? "manifest unknown"); "
                + "there is no such image, check its name and tag"
        case .missing(let part, let digest, let answer):
            return "\(answer ?? "blob unknown"): the registry has the "
                + "\(part == .manifest ? "index" : "manifest") of the image, but not its "
                + "\(part.rawValue) \(digest); who published it has to push it again"
        case .unauthorized(let answer):
            return "pull access denied for \(repository), repository does not exist or may require "
                + "'docker login'\(answer.map { ": \($0)" } ?? ""); "
                + "log in with `berth login\(loginArgument)`"
        case .tooManyRequests(let answer):
            return "toomanyrequests: \(answer ?? "the registry gets too many requests"); "
                + "wait a little, or log in for a higher limit"
        case .status(let code, let answer): return "the registry answers \(code)\(quoted(answer))"
        case .malformed(let reason): return "the answer is not a registry's: \(reason)"
        case .wrongDigest(let expected, let found):
            return "wrong digest: expected \(expected), got \(found); nothing of it was kept"
        case .wrongSize(let expected, let found):
            return "wrong size: expected \(expected) bytes, got \(found); nothing of it was kept"
        case .tooLarge(let limit): return "an answer of more than \(limit) bytes was refused"
        case .redirected(let reason): return "refused to follow a redirect: \(reason)"
        case .realm(let reason): return "refused to ask for a token: \(reason)"
        case .noPlatform(let wanted, let offered):
            let list = offered.map(\.description).joined(separator: ", ")
            return "no matching manifest for \(wanted) in the manifest list entries; "
                + (list.isEmpty ? "it has none" : "it has \(list)")
        case .otherPlatform(let wanted, let found):
            return "image with reference \(subject) was found but its platform (\(found)) does not "
                + "match the specified platform (\(wanted))"
        case .otherSystem(let system):
            return "image operating system \"\(system)\" cannot be used on this platform; "
                + "choose a tag or an image for \(Platform.host.os)"
        case .notAnImage(let reason): return reason
        }
    }
}
