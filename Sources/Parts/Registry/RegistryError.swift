package import OCI

/// Why something could not be had from a registry: from where, what, why, and what to do.
package struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The registry, as it stands in the reference.
    package var host: String
    /// What was wanted: `docker.io/library/redis:7`.
    package var subject: String
    /// Whether it was to be sent there, not fetched.
    package var isPush: Bool
    package var cause: Cause

    package enum Cause: Hashable, Sendable {
        /// Nobody answers there.
        case unreachable(String)
        case timedOut
        /// Answers too slowly to be worth waiting for, or breaks off again and again.
        case interrupted(String)
        case notFound(String?)
        /// Not without (other) credentials.
        case unauthorized(String?)
        case tooManyRequests
        case status(Int, String?)
        /// An answer that no registry gives.
        case malformed(String)
        case wrongDigest(expected: Digest, found: Digest)
        case wrongSize(expected: Int64, found: Int64)
        case tooLarge(limit: Int)
        case redirected(String)
        /// Credentials would have to go where they do not belong.
        case realm(String)
        case noPlatform(wanted: Platform, offered: [Platform])
        /// One image, of another platform than was asked for.
        case otherPlatform(wanted: Platform, found: Platform)
        case notAnImage(String)
    }

    package init(host: String, subject: String, isPush: Bool = false, _ cause: Cause) {
        self.host = host
        self.subject = subject
        self.isPush = isPush
        self.cause = cause
    }

    package var description: String {
        isPush
            ? "cannot push \(subject) to \(host): \(pushWords ?? words)"
            : "cannot get \(subject) from \(host): \(words)"
    }

    /// Where sending has other reasons than fetching.
    private var pushWords: String? {
        switch cause {
        case .unauthorized(let answer):
            return "push access denied\(answer.map { ": \($0)" } ?? ""); the repository does not "
                + "exist or may require authorization: `berth login \(host)`"
        case .notFound(let answer):
            return "the registry knows no such repository\(answer.map { " (\($0))" } ?? "") "
                + "or takes no pushes; check the name"
        case .interrupted(let reason): return "\(reason); try again, what was sent whole is kept"
        default: return nil
        }
    }

    private var words: String {
        func quoted(_ answer: String?) -> String { answer.map { " (\($0))" } ?? "" }
        switch cause {
        case .unreachable(let reason):
            return "\(reason); is the registry running, and its name right?"
        case .timedOut: return "no answer in time; check the network and try again"
        case .interrupted(let reason): return "\(reason); try again, what has arrived is kept"
        case .notFound(let answer):
            return "there is no such image\(quoted(answer)); check its name and tag"
        case .unauthorized(let answer):
            return "access denied\(quoted(answer)); "
                + "it does not exist, or its repository is private and needs a login"
        case .tooManyRequests:
            return "too many requests; wait a little, or log in for a higher limit"
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
        case .notAnImage(let reason): return reason
        }
    }
}
