import ArgumentParser
import ContainerRuntime
import Engine

/// What a command finds inside a container: its variables, its user, its folder. Of `run` and `exec`,
/// in docker's and in docker compose's spelling.
struct InsideFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            "Set a variable; NAME alone takes ours, or removes it where we have none.",
            valueName: "name=value"
        )
    )
    var env: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Run as this user.", valueName: "user"))
    var user: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Working directory inside.", valueName: "path")
    )
    var workdir: String?

    /// - Throws: docker's words for a variable without a name.
    func checkVariables() throws {
        guard let wrong = env.first(where: { $0.isEmpty || $0.hasPrefix("=") }) else { return }
        throw Failure(
            usage: "invalid argument \"\(wrong)\" for \"-e, --env\" flag: "
                + "invalid environment variable: \(wrong)"
        )
    }
}

/// The file of variables of `container run` and `container exec`: docker's spelling alone.
struct RawEnvFileFlag: ParsableArguments {
    @Option(
        name: .customLong("env-file"),
        parsing: .singleValue,
        help: ArgumentHelp("Set the variables of a file.", valueName: "path"),
        completion: .file()
    )
    var envFile: [String] = []
}

/// How a further process runs in a container.
struct ExecFlags: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Return when the command runs; what it writes is lost.")
    var detach = false

    @Flag(help: "Give the command every capability, whatever its container has.")
    var privileged = false

    @OptionGroup var inside: InsideFlags

    /// `files` are variables that stand before those of `--env`; those without a value are taken
    /// from `environment`.
    func request(
        _ command: [String],
        variables files: [String] = [],
        from environment: [String: String]
    ) -> ExecRequest {
        var request = ExecRequest(arguments: command)
        request.environment = (files + inside.env).map {
            EnvironmentChange($0, from: environment)
        }
        request.user = inside.user
        request.workingDirectory = inside.workdir
        request.privilege = privileged ? .full : nil
        return request
    }
}

/// What is added to and taken from the capabilities of a container.
struct CapabilityFlags: ParsableArguments {
    @Option(
        name: .customLong("cap-add"),
        parsing: .singleValue,
        help: ArgumentHelp("Add a capability.", valueName: "name")
    )
    var capAdd: [String] = []

    @Option(
        name: .customLong("cap-drop"),
        parsing: .singleValue,
        help: ArgumentHelp("Drop a capability.", valueName: "name")
    )
    var capDrop: [String] = []
}
