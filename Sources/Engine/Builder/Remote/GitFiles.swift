import Glibc
import Linux
import OCI
package import SystemPackage

/// Files of repositories in a folder that stays, each commit once: compose files and what lies beside
/// them. Builds have theirs in a folder of their own (`GitCheckout`).
package enum GitFiles {
    /// Why there are none, in words.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Brings a repository into a cache, at the commit that the reference stands for now, and gives what
    /// the reference means of it. What is there already is not fetched again.
    package static func place(
        _ reference: GitReference,
        _ git: GitAccess,
        in cache: FilePath
    ) async throws -> FilePath {
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        let work = cache.appending(".\(name)")
        defer { try? removeTree(work) }  // `try?`: the next one has another name.
        do {
            try makeDirectories(work)
            // The whole tree is kept: another reference may mean another folder of it.
            var whole = reference
            whole.folder = nil
            let checkout = GitCheckout(
                reference: whole,
                access: git,
                folder: work,
                lock: SharedFD(try openFile(work, O_RDONLY | O_DIRECTORY)),
                takesSecrets: false
            )
            let commit = try await checkout.resolve()
            let remote = Digest.of(reference.remote.utf8).hex.prefix(16)
            let place = cache.appending("\(remote)-\(commit)")
            if access(place.string, F_OK) != 0 {
                _ = try await checkout.files(of: commit)
                // Somebody else may have been quicker, with the same.
                if rename(work.appending("tree").string, place.string) != 0,
                    errno != EEXIST, errno != ENOTEMPTY
                {
                    throw SyscallError(call: "rename", subject: place.string, errno: errno)
                }
            }
            return try part(of: place, reference)
        } catch let error as InstructionError {
            throw Failure(description: error.message)
        }
    }

    /// Opened without links: the path is used by its name later.
    private static func part(of place: FilePath, _ reference: GitReference) throws -> FilePath {
        guard let folder = reference.folder else { return place }
        do throws(SyscallError) {
            _ = try Root(place).open(FilePath(folder), O_RDONLY, links: .refused)
        } catch {
            let words = "the repository has no \(folder): \(error.reason)"
            throw Failure(description: "\(reference.shown): \(words)")
        }
        return place.pushing(FilePath(folder))
    }
}
