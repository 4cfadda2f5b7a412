import ArgumentParser
import Glibc
import Registry
import SystemPackage

extension RegistryGroup {
    /// Tries a user's name and password out at a registry, and keeps them.
    struct Login: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "login",
            abstract: "Authenticate to a registry.",
            discussion: """
                Without a server it is Docker Hub. Credentials are kept where docker keeps them: \
                in ~/.docker/config.json (or the folder that DOCKER_CONFIG names), or with the \
                credential helper that this file names. Under sudo that is root's file.
                """
        )

        @Option(name: [.customShort("u"), .long], help: "The user's name.")
        var username: String?

        @Option(
            name: [.customShort("p"), .long],
            help: "Password or token; others can see it while this runs."
        )
        var password: String?

        @Flag(name: .customLong("password-stdin"), help: "Take the password from stdin.")
        var passwordStdin = false

        @Argument(help: ArgumentHelp("The registry.", valueName: "server"))
        var server: String?

        func run() async throws {
            let host = RegistryHost(server: server)
            let store = CredentialStore(environment: Machine.environment())
            let credentials = try await credentials(host, store)
            let kept = try await RegistryGroup.makeClient().logIn(to: host, with: credentials)
            let place = try await store.store(kept, for: host)
            if case .file(let path) = place { warn(path.string) }
            if store.isOverridden {
                Terminal.line(
                    "WARNING! DOCKER_AUTH_CONFIG is set and comes before what was stored now.",
                    to: .error
                )
            }
            if let user = Machine.environment()["SUDO_USER"], Machine.isRoot {
                Terminal.line(
                    "These credentials are for commands run as root; "
                        + "\(user)'s own \(store.file.lastComponent?.string ?? "") is not read.",
                    to: .error
                )
            }
            Terminal.line("Login Succeeded")
        }

        /// From the flags, from what is stored already, or from whoever sits at the terminal.
        private func credentials(
            _ host: RegistryHost,
            _ store: CredentialStore
        ) async throws -> Credentials {
            var password = password
            if password != nil {
                Terminal.line(
                    "WARNING! Using --password via the CLI is insecure. Use --password-stdin.",
                    to: .error
                )
                guard !passwordStdin else {
                    throw Failure("--password and --password-stdin are mutually exclusive")
                }
            }
            if passwordStdin {
                guard username?.isEmpty == false else {
                    throw Failure("Must provide --username with --password-stdin")
                }
                password = try await Prompt.everything()
            }
            if username == nil, password == nil,
                let known = try await store.credentials(for: host)
            {
                let name = known.username.map { " [Username: \($0)]" } ?? ""
                Terminal.line("Authenticating with existing credentials...\(name)", to: .error)
                return known
            }
            guard username == nil || password == nil || password?.isEmpty == true else {
                return Credentials(username: username ?? "", password: password ?? "")
            }
            guard isatty(STDIN_FILENO) == 1 else {
                throw Failure(
                    passwordStdin
                        ? "the password on stdin is empty"
                        : "Cannot perform an interactive login from a non TTY device"
                )
            }
            let name: String
            if let username { name = username } else { name = try await Prompt.line("Username: ") }
            guard !name.isEmpty else { throw Failure("Non-null Username Required") }
            let secret: String
            if let password {
                secret = password
            } else {
                secret = try await Prompt.secret("Password: ")
            }
            guard !secret.isEmpty else { throw Failure("Password Required") }
            return Credentials(username: name, password: secret)
        }

        private func warn(_ path: String) {
            Terminal.line(
                """

                WARNING! Your credentials are stored unencrypted in '\(path)'.
                Configure a credential helper to remove this warning. See
                https://docs.docker.com/go/credential-store/

                """,
                to: .error
            )
        }
    }
}
