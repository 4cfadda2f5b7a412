package import OCI

/// Why something could not be had from a registry: from where, what, why, and what to do.
package struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The registry, as it stands in the reference.
    package var host: String
    /// What was wanted: `docker.io/library/redis:7`.
    package var subject: String
    package var purpose: Purpose
    package var cause: Cause

    /// What was to be done there.
    package enum Purpose: Hashable, Sendable { case pull, push, login, search }

    /// What an image consists of at its registry, besides what its name leads to.
    package enum Part: String, Hashable, Sendable { case manifest, configuration, layer }

    /// Why a registry could not be used.
    package enum Cause: Hashable, Sendable {
        /// Nothing answers at the address.
        case unreachable(String)
        /// It cannot be sure that it is the registry, or it does not trust us.
        case untrusted(String)
        /// It speaks no TLS, and may not do without.
        case plain
        case timedOut
        /// Answers too slowly to be worth waiting for, or breaks off again and again.
        case interrupted(String)
        case notFound(String?)
        /// The image is there, this of it is not.
        case missing(Part, Digest, String?)
        /// Not without (other) credentials.
        case unauthorized(String?)
        /// With what the registry says about it.
        case tooManyRequests(String?)
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
        /// An image of another operating system.
        case otherSystem(String)
        case notAnImage(String)
    }

    package init(
        host: String,
        subject: String,
        for purpose: Purpose = .pull,
        _ cause: Cause
    ) {
        self.host = host
        self.subject = subject
        self.purpose = purpose
        self.cause = cause
    }
}
