import Builder
import Glibc
import SystemPackage

/// Agents for `RUN --mount=type=ssh`, as `--ssh` and `build.ssh` name them.
enum BuildAgents {
    /// The sockets of `default`, `id` and `id=path`: without a path it is that of SSH_AUTH_SOCK, and
    /// none where there is none.
    static func sockets(
        _ texts: [String],
        _ environment: [String: String]
    ) -> [String: FilePath] {
        var sockets: [String: FilePath] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard let id = parts.first else { continue }
            let path = parts.count > 1 ? parts[1] : environment["SSH_AUTH_SOCK"] ?? ""
            if !path.isEmpty { sockets[id] = FilePath(path) }
        }
        return sockets
    }

    /// The same of a command line, where each of them has to be there.
    static func named(
        _ texts: [String],
        _ environment: [String: String]
    ) throws -> [String: FilePath] {
        let sockets = sockets(texts, environment)
        for text in texts {
            let id = String(text.prefix { $0 != "=" })
            guard sockets[id] == nil else { continue }
            throw Failure(
                "ssh \(text): invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set, or write "
                    + "\(id)=SOCKET"
            )
        }
        return sockets
    }

    /// The same by absolute paths. Refuses what is not an agent's socket: keys are not read, so that they stay with the agent.
    static func checked(_ sockets: [String: FilePath]) throws -> [String: FilePath] {
        for (id, path) in sockets.sorted(by: { $0.key < $1.key }) {
            var status = stat()
            guard path.withPlatformString({ stat($0, &status) }) == 0 else {
                throw Failure(
                    "ssh \(id): \(path): \(String(cString: strerror(errno)).lowercased()); "
                        + "start an agent (eval $(ssh-agent); ssh-add) or name its socket"
                )
            }
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw Failure(
                    "ssh \(id): \(path) is not an agent's socket; give the key to an agent "
                        + "(eval $(ssh-agent); ssh-add \(path)) and write \(id) alone"
                )
            }
        }
        return try sockets.mapValues { try Machine.absolute($0.string) }
    }
}
