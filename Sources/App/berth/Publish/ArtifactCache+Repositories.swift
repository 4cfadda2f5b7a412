import Builder
import Compose
import Glibc
import SystemPackage

/// Compose files of repositories of git (`https://host/shop.git#ref:folder`), as docker compose has them.
extension ArtifactCache {
    /// The compose file that a repository has at a reference, on this machine; nil for what names no
    /// repository. The repository is asked what the reference leads to now; what is here already is not
    /// fetched again.
    func repository(_ name: String) async throws -> String? {
        let reference: GitReference
        do throws(GitReference.Invalid) {
            guard let found = try GitReference(parsing: name) else { return nil }
            reference = found
        } catch { throw Failure("\(name): \(error)") }
        guard let git = BuildSources.git(for: BuildRequest(context: nil)) else {
            throw Failure(
                "\(reference.shown): getting a compose file of a repository takes the program git, which "
                    + "is not installed; install it (apt-get install git), or clone it beforehand"
            )
        }
        let place: FilePath
        do {
            let cache = folder.appending("repositories")
            place = try await GitFiles.place(reference, git, in: cache)
        } catch let error as GitFiles.Failure { throw Failure(error.description) }
        var status = stat()
        guard stat(place.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return place.string
        }
        let files = ComposeFileNames.usual.map { place.appending($0).string }
        guard let file = files.first(where: { access($0, R_OK) == 0 }) else {
            let words =
                "no compose file there: none of \(ComposeFileNames.usual.joined(separator: ", "))"
            throw Failure("\(reference.shown): \(words)")
        }
        return file
    }
}
