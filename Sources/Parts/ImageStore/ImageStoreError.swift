package import OCI

/// What is wrong with a blob or a layer: which one, what, and the entry if it is one.
package struct ImageStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `blob sha256:…`, `layer sha256:…`.
    package var subject: String
    package var problem: Problem

    package enum Problem: Hashable, Sendable {
        case missing
        case wrongDigest(found: Digest)
        case wrongDiffID(expected: Digest, found: Digest)
        case wrongSize(expected: Int64, found: Int64)
        case unsupportedCompression(String)
        /// The compressed stream or the tar around its entries.
        case corrupt(String)
        case entry(name: String, reason: String)
        case limit(String)
        /// An overlay upper directory that is not a layer of its own.
        case notALayer(String)
        /// An archive of images that cannot be taken as it is.
        case refused(String)
    }

    package init(subject: String, _ problem: Problem) {
        self.subject = subject
        self.problem = problem
    }

    package var description: String {
        switch problem {
        case .missing: "\(subject): not in the store"
        case .wrongDigest(let found):
            "\(subject): wrong digest, the content is \(found); nothing of it was kept"
        case .wrongDiffID(let expected, let found):
            "\(subject): the uncompressed content is \(found), the image promises \(expected); "
                + "nothing of it was kept"
        case .wrongSize(let expected, let found):
            found > expected
                ? "\(subject): longer than the \(expected) bytes it should have"
                : "\(subject): ended after \(found) of \(expected) bytes"
        case .unsupportedCompression(let name):
            "\(subject): compressed with \(name), which is not supported yet; "
                + "gzip, zstd, bzip2 and plain tar are"
        case .corrupt(let reason): "\(subject): damaged: \(reason)"
        case .entry(let name, let reason): "\(subject): entry \"\(name)\": \(reason)"
        case .limit(let what): "\(subject): refused, \(what)"
        case .notALayer(let reason), .refused(let reason): "\(subject): \(reason)"
        }
    }
}
