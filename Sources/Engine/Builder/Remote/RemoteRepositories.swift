import SystemPackage

/// The repositories of git that one ADD takes its files from.
struct RemoteRepositories: Sendable {
    private let references: [GitReference]

    init(_ references: [GitReference]) { self.references = references }

    /// The commits that they stand for now, asked of the remotes at every build.
    func resolve(_ session: BuildSession, _ folder: FilePath) async throws -> [String] {
        var commits: [String] = []
        for index in references.indices {
            commits.append(try await checkout(index, session, folder).resolve())
        }
        return commits
    }

    /// Checks them out and gives the folders that are copied.
    func checkOut(
        _ commits: [String],
        _ session: BuildSession,
        _ folder: FilePath
    ) async throws -> [FilePath] {
        var folders: [FilePath] = []
        for (index, commit) in commits.enumerated() {
            folders.append(try await checkout(index, session, folder).files(of: commit))
        }
        return folders
    }

    private func checkout(
        _ index: Int,
        _ session: BuildSession,
        _ folder: FilePath
    ) throws -> GitCheckout {
        let place = folder.appending("repository-\(index)")
        return try session.request.checkout(references[index], in: place, session.workspace)
    }
}

extension GitReference {
    /// Stands for the files in a step's key.
    func text(at commit: String) -> String {
        "git \(remote) \(commit) \(folder ?? "") \(keepsGitFolder) \(takesSubmodules)"
    }
}
