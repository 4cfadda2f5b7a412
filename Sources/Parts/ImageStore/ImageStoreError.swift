import Linux
package import OCI

/// What is wrong with a blob or a layer: which one, what, and the entry if it is one.
package struct ImageStoreError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// `blob sha256:…`, `layer sha256:…`.
    package var subject: String
    package var problem: Problem

    /// What went wrong in the store.
    package enum Problem: Hashable, Sendable, Codable {
        case missing
        case wrongDigest(found: Digest)
        case wrongDiffID(expected: Digest, found: Digest)
        case wrongSize(expected: Int64, found: Int64)
        /// The compressed stream or the tar around its entries.
        case corrupt(String)
        /// The same before the first entry: the bytes may be something else altogether.
        case notAnArchive(String)
        case entry(name: String, reason: String)
        case limit(String)
        /// No space or no inodes; what was being written.
        case full(String)
        /// The process that unpacks could not be started or confined, or ended without a word.
        case unpacker(String)
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
        case .corrupt(let reason), .notAnArchive(let reason): "\(subject): damaged: \(reason)"
        case .entry(let name, let reason): "\(subject): entry \"\(name)\": \(reason)"
        case .limit(let what): "\(subject): refused, \(what)"
        case .full(let place):
            "\(subject): no space left on the store's file system while writing \(place); nothing "
                + "of it was kept: make room (`berth image prune`, `df -h`, `df -i`) and try again"
        case .unpacker(let reason): "\(subject): the unpacker \(reason)"
        case .notALayer(let reason), .refused(let reason): "\(subject): \(reason)"
        }
    }
}

extension ImageStoreError {
    /// A call that failed while something was written: a full disk is called by its name.
    init(subject: String, failing error: SyscallError, at place: String) {
        self.init(
            subject: subject,
            error.isFullDisk
                ? .full("\"\(place)\"")
                : .entry(name: place, reason: "\(error.call): \(error.reason)")
        )
    }
}

/// Runs `body`; a disk that is full meanwhile is called by its name, with what was being made.
func namingFullDisks<R>(_ subject: String, _ body: () throws -> R) throws -> R {
    do {
        return try body()
    } catch let error as SyscallError where error.isFullDisk {
        throw ImageStoreError(subject: subject, failing: error, at: error.subject)
    }
}
