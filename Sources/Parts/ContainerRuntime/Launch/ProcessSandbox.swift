import Linux
import SystemPackage

/// What a process of a container may do: capabilities and system calls.
struct ProcessSandbox: Sendable {
    var grant: CapabilityGrant
    /// Instructions of a `struct sock_filter` each; empty means unconfined.
    var filter: [UInt64]
    var noNewPrivileges: Bool
    /// The AppArmor profile to execute under; nil is none, and where the kernel has no AppArmor.
    var appArmor: String?
    /// What could not be given, a sentence each.
    var warnings: [String]

    /// A process of more privilege than its container has every capability, and still the container's
    /// filter. Fails with the container's name on it.
    init(
        _ security: SecuritySpec,
        privilege: SecuritySpec.Privilege? = nil,
        container: String,
        root: FilePath
    ) throws {
        let privilege = privilege ?? security.privilege
        grant = CapabilityGrant(
            privilege == .full ? SecuritySpec.privileged.capabilities : security.capabilities,
            available: try .current()
        )
        filter = try RuntimeError.naming(container) { () throws(RuntimeError) in
            try SeccompFilter.compiled(
                security.seccomp,
                capabilities: security.capabilities,
                cache: root.appending("seccomp")
            )?.instructions ?? []
        }
        noNewPrivileges = security.noNewPrivileges
        // All that there are: of a privileged one nobody named them one by one.
        warnings = privilege == .full ? [] : grant.warnings
        guard let profile = security.appArmor, profile != "unconfined" || AppArmor.isEnabled else {
            return
        }
        if AppArmor.isEnabled {
            appArmor = profile
        } else {
            warnings.append(
                "the AppArmor profile \(profile) is not applied: this kernel has no AppArmor"
            )
        }
    }
}

/// Whether the kernel confines programs by their profile. apparmor(7)
private enum AppArmor {
    static let isEnabled: Bool = {
        // `try?`: without that file there is none.
        let text = try? readFile("/sys/module/apparmor/parameters/enabled", limit: 16)
        return text?.first == UInt8(ascii: "Y")
    }()
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
