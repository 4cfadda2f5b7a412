import Linux
import SystemPackage

/// What a process of a container may do: capabilities and system calls.
struct ProcessSandbox: Sendable {
    var grant: CapabilityGrant
    /// Instructions of a `struct sock_filter` each; empty means unconfined.
    var filter: [UInt64]
    var noNewPrivileges: Bool

    /// Fails with the container's name on it.
    init(_ security: SecuritySpec, container: String, root: FilePath) throws {
        grant = CapabilityGrant(security.capabilities, available: try .current())
        filter = try RuntimeError.naming(container) { () throws(RuntimeError) in
            try SeccompFilter.compiled(
                security.seccomp,
                capabilities: security.capabilities,
                cache: root.appending("seccomp")
            )?.instructions ?? []
        }
        noNewPrivileges = security.noNewPrivileges
    }
}

extension RuntimeError {
    /// Puts the container's name on errors of code that does not know it.
    static func naming<R>(
        _ container: String,
        _ body: () throws(RuntimeError) -> R
    ) throws(RuntimeError) -> R {
        do throws(RuntimeError) {
            return try body()
        } catch {
            var named = error
            named.container = container
            throw named
        }
    }
}
