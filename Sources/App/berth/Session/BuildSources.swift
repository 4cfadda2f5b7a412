import Builder
import Glibc
import Linux
import OCI
import SystemPackage

/// Where builds take their contexts from, as the command line and compose files name them.
enum BuildSources {
    /// The proxies that git knows, by their names in either case.
    private static let proxies = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]

    /// git of this machine, with the agent that the build has as its default; nil without one.
    static func git(for request: BuildRequest) -> GitAccess? {
        let ours = Machine.environment()
        var variables: [String] = []
        for name in proxies.flatMap({ [$0, $0.uppercased()] }) {
            if let value = ours[name] { variables.append("\(name)=\(value)") }
        }
        let agent = request.agents["default"] ?? ours["SSH_AUTH_SOCK"].map { FilePath($0) }
        return GitAccess(environment: variables, agent: agent)
    }

    /// A context that is fetched; nil for a folder. A folder of that name on this machine wins over an
    /// address without a scheme.
    static func remote(_ text: String) throws -> RemoteContext? {
        if text.hasPrefix("github.com/"), access(text, F_OK) == 0 { return nil }
        do throws(GitReference.Invalid) {
            if let remote = try RemoteContext(parsing: text) { return remote }
        } catch {
            throw Failure("\(text): \(error)")
        }
        guard text.contains("://") else { return nil }
        throw Failure(
            "\(text): a context is a folder, -, an http or https address, or a repository of git"
        )
    }

    /// A named context: `docker-image://IMAGE`, a folder, or what is fetched.
    static func named(_ text: String) throws -> BuildRequest.NamedContext {
        let prefix = "docker-image://"
        if text.hasPrefix(prefix) {
            return .image(try ChangeOptions.reference(String(text.dropFirst(prefix.count))).tagged)
        }
        if let remote = try remote(text) { return .remote(remote) }
        return .directory(try Machine.absolute(text))
    }

    /// Standard input as a context.
    static func standardInput() throws -> RemoteContext {
        guard isatty(STDIN_FILENO) == 0 else {
            throw Failure(
                "the context is to be read from stdin, but stdin is a terminal; "
                    + "write `berth image build - < Dockerfile`, or pipe an archive into it"
            )
        }
        return .stream(SharedFD(taking: dup(STDIN_FILENO)))
    }
}
