import ArgumentParser
import KernelNames

/// What runs: the program, its variables, its streams, who it is.
struct ProcessFlags: ServiceFlags {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Program instead of the image's; '' is none.", valueName: "command")
    )
    var entrypoint: String?

    @OptionGroup var inside: InsideFlags
    @OptionGroup var files: RawEnvFileFlag

    @Option(
        name: .customLong("group-add"),
        parsing: .singleValue,
        help: ArgumentHelp("Add the user to a group.", valueName: "group")
    )
    var groupAdd: [String] = []

    @Option(
        name: [.customShort("h"), .customLong("hostname")],
        help: ArgumentHelp("Name of the host inside.", valueName: "name")
    )
    var hostname: String?

    @Option(help: ArgumentHelp("Domain of the host inside.", valueName: "name"))
    var domainname: String?

    @Flag(name: .customLong("init"), help: "Run an init that passes signals on and reaps.")
    var usesInit = false

    @Flag(name: .shortAndLong, help: "Keep input open, and pass ours on.")
    var interactive = false

    @Flag(name: .shortAndLong, help: "Give the program a terminal.")
    var tty = false

    @Option(
        name: .customLong("stop-signal"),
        help: ArgumentHelp("The signal that asks it to end.", valueName: "signal"),
        completion: .list(Signal.names)
    )
    var stopSignal: String?

    @Option(
        name: .customLong("stop-timeout"),
        parsing: .unconditional,
        help: ArgumentHelp("Seconds it has to end; -1 is for ever.", valueName: "seconds")
    )
    var stopTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "When to start it again: no, always, unless-stopped, on-failure[:times].",
            valueName: "policy"
        ),
        completion: .list(["no", "always", "unless-stopped", "on-failure"])
    )
    var restart = "no"

    func write(to service: inout FlaggedService) throws {
        if let entrypoint {
            let words = entrypoint.isEmpty ? [] : [entrypoint]
            service.set("entrypoint", .texts(words), by: "--entrypoint")
        }
        try inside.checkVariables()
        service.set("environment", inside.env, by: "-e, --env")
        for path in files.envFile { try Self.checkReadable(path) }
        if !files.envFile.isEmpty {
            let files = files.envFile.map { path in
                FlaggedService.Value.map(["path": .text(path), "format": .text("raw")])
            }
            service.set("env_file", .list(files), by: "--env-file")
        }
        if let workdir = inside.workdir, !workdir.isEmpty, !workdir.hasPrefix("/") {
            throw Failure(
                engine: "the working directory '\(workdir)' is invalid, it needs to be an "
                    + "absolute path"
            )
        }
        service.set("working_dir", inside.workdir, by: "-w, --workdir")
        service.set("user", inside.user, by: "-u, --user")
        service.set("group_add", groupAdd, by: "--group-add")
        service.set("hostname", hostname, by: "-h, --hostname")
        service.set("domainname", domainname, by: "--domainname")
        service.set("init", ifOn: usesInit, by: "--init")
        service.set("stdin_open", ifOn: interactive, by: "-i, --interactive")
        service.set("tty", ifOn: tty, by: "-t, --tty")
        service.set("stop_signal", stopSignal, by: "--stop-signal")
        if let stopTimeout {
            let seconds = stopTimeout < 0 ? Int(Int32.max) : stopTimeout
            service.set("stop_grace_period", .text("\(seconds)s"), by: "--stop-timeout")
        }
        if restart != "no" && !restart.isEmpty {
            try RestartWords.check(restart, of: "run")
            service.set("restart", .text(restart), by: "--restart")
        }
    }
}
