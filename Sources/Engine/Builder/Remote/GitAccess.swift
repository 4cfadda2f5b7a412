import Glibc
package import SystemPackage

/// How builds get at repositories of git: the program, and what it may use.
package struct GitAccess: Sendable {
    /// Absolute.
    package var program: String
    /// Settings of proxies, `NAME=value`; nothing else of the caller's environment.
    package var environment: [String]
    /// The socket of the agent that has the keys for ssh.
    package var agent: FilePath?

    /// nil where no git is installed.
    package init?(environment: [String], agent: FilePath?) {
        let programs = ["/usr/bin/git", "/bin/git", "/usr/local/bin/git"]
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else { return nil }
        self.program = program
        self.environment = environment
        self.agent = agent
    }

    /// Settings that win over those of repositories. The user's and the machine's are not read, so
    /// that nothing that they name is run: hooks, helpers for credentials, filters, monitors.
    private static let settings = [
        ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("credential.helper", ""),
        ("gc.auto", "0"), ("maintenance.auto", "false"), ("advice.detachedHead", "false"),
        ("protocol.allow", "never"), ("protocol.http.allow", "always"),
        ("protocol.https.allow", "always"), ("protocol.ssh.allow", "always"),
        ("protocol.git.allow", "always"), ("submodule.recurse", "false"),
    ]

    /// The whole environment of one call. What authorizes stands in no argument, which others see.
    func variables(authorization: (host: String, header: String)?, home: FilePath) -> [String] {
        var settings = Self.settings
        if let authorization {
            for scheme in ["https", "http"] {
                settings.append(
                    (
                        "http.\(scheme)://\(authorization.host)/.extraHeader",
                        "Authorization: \(authorization.header)"
                    )
                )
            }
        }
        var variables = [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=\(home)",
            "TMPDIR=\(home)", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=/bin/false",
            "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1",
            "GIT_ALLOW_PROTOCOL=http:https:ssh:git",
            // Keys are the agent's; which hosts are known is what the caller's files say.
            "GIT_SSH_COMMAND=ssh -F /dev/null -o BatchMode=yes -o IdentityFile=/dev/null "
                + "-o StrictHostKeyChecking=yes -o UpdateHostKeys=no",
            "GIT_CONFIG_COUNT=\(settings.count)",
        ]
        for (index, (key, value)) in settings.enumerated() {
            variables += ["GIT_CONFIG_KEY_\(index)=\(key)", "GIT_CONFIG_VALUE_\(index)=\(value)"]
        }
        if let agent { variables.append("SSH_AUTH_SOCK=\(agent)") }
        return variables + environment
    }
}
