package import KernelNames

/// What a container may do: `privileged`, `cap_add`, `cap_drop`, `security_opt`.
package struct SecurityDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `privileged`.
    package var privileged = false
    /// compose-spec `cap_add`.
    package var capAdd: [Capability.Choice] = []
    /// compose-spec `cap_drop`.
    package var capDrop: [Capability.Choice] = []
    /// compose-spec `security_opt`.
    package var securityOpt: [SecurityOption] = []
    /// Says nothing yet.
    package init() {}
}

/// One element of `security_opt`.
package enum SecurityOption: Hashable, Codable, Sendable {
    /// `no-new-privileges`, or with `=true` or `=false`.
    case noNewPrivileges(Bool)
    /// `seccomp=unconfined`
    case seccompUnconfined
    /// `seccomp=builtin`: the profile that there is anyway.
    case seccompBuiltin
    /// `seccomp=FILE`, with its content where the project was loaded to be run.
    case seccompProfile(path: String, json: String?)
    /// `apparmor=NAME`
    case appArmor(String)
    /// `label=…`, of SELinux.
    case label(String)
    /// `systempaths=unconfined`: nothing of /proc and /sys is masked or read-only.
    case systemPathsUnconfined

    /// Reads `NAME=VALUE` or `NAME:VALUE`; nil for anything else.
    package init?(_ text: String) {
        let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":")
        let name = text[..<(separator ?? text.endIndex)]
        let value = separator.map { String(text[text.index(after: $0)...]) }
        switch (name, value) {
        case ("no-new-privileges", nil): self = .noNewPrivileges(true)
        case ("no-new-privileges", let word?):
            guard let flag = Self.flag(word) else { return nil }
            self = .noNewPrivileges(flag)
        case (_, nil), (_, ""): return nil
        case ("seccomp", "unconfined"): self = .seccompUnconfined
        case ("seccomp", "builtin"): self = .seccompBuiltin
        case ("seccomp", let path?): self = .seccompProfile(path: path, json: nil)
        case ("apparmor", let profile?): self = .appArmor(profile)
        case ("label", let label?): self = .label(label)
        case ("systempaths", "unconfined"): self = .systemPathsUnconfined
        default: return nil
        }
    }

    /// As Go's `strconv.ParseBool`.
    private static func flag(_ word: String) -> Bool? {
        switch word {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
