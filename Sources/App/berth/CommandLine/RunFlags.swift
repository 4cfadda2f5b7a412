import ArgumentParser
import Compose
import ContainerRuntime
import Glibc
import Linux
import OrderedCollections
import Reconciler

/// What `run` says of its container.
struct RunFlags: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Return when it runs, and print its identifier.")
    var detach = false

    @Flag(name: .customLong("rm"), help: "Remove the container when it has ended.")
    var removes = false

    @Option(help: ArgumentHelp("The container's name.", valueName: "name"))
    var name: String?

    @OptionGroup var inside: InsideFlags
    @OptionGroup var capabilities: CapabilityFlags

    @Option(
        name: .customLong("env-from-file"),
        parsing: .singleValue,
        help: ArgumentHelp("Set the variables of an env file.", valueName: "path"),
        completion: .file()
    )
    var envFromFile: [String] = []

    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Add a label.", valueName: "key=value")
    )
    var label: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Program instead of the entrypoint; '' is none.", valueName: "command")
    )
    var entrypoint: String?

    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            "Mount a path of this machine or a volume; the mount at the same place goes.",
            valueName: "source:target"
        ),
        completion: .file()
    )
    var volume: [String] = []

    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Publish a port.", valueName: "port:port")
    )
    var publish: [String] = []

    @Flag(
        name: [.customShort("P"), .customLong("service-ports")],
        help: "Publish the ports of the service."
    )
    var servicePorts = false

    @Flag(name: .customLong("use-aliases"), help: "Answer to the service's names, too.")
    var useAliases = false

    @Flag(
        name: [.customShort("T"), .customLong("no-TTY")],
        help: "No terminal, whatever our input and output are."
    )
    var noTTY = false

    @Flag(
        name: .shortAndLong,
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: "Pass our input on."
    )
    var interactive = true

    /// docker compose takes it, and has it on where there are terminals.
    @Flag(name: [.customShort("t"), .customLong("tty")], help: .hidden)
    var tty = false

    /// Refuses what contradicts itself.
    func check() throws {
        if servicePorts && !publish.isEmpty {
            throw ValidationError("--service-ports and --publish are incompatible")
        }
        if tty && noTTY { throw ValidationError("--tty and --no-TTY can't be used together") }
    }

    /// Says it of a container; `environment` is the project's.
    func change(_ oneOff: inout OneOff, _ environment: [String: String]) throws {
        oneOff.isRemovedAtEnd = removes
        oneOff.publishesPorts = servicePorts
        oneOff.usesAliases = useAliases
        oneOff.user = inside.user
        oneOff.workingDirectory = inside.workdir
        let written = try CommandLineService(self, environment).service
        oneOff.entrypoint = written.entrypoint
        oneOff.environment = written.environment
        oneOff.labels = written.labels
        oneOff.volumes = written.volumes
        oneOff.ports = written.ports
        oneOff.capAdd = written.security.capAdd
        oneOff.capDrop = written.security.capDrop
    }
}

/// The streams that `run` gives its container.
struct RunStreams {
    /// nil has neither a terminal nor input.
    let spec: Streams?
    let givesInput: Bool

    /// As docker compose decides it: a terminal where ours are some, unless told otherwise. An input
    /// that has nothing is none.
    init(_ flags: RunFlags) throws {
        let isSeen = isatty(STDIN_FILENO) == 1
        let hasInput = try flags.interactive && !StandardStream(STDIN_FILENO).isNull
        let isTerminal = !flags.noTTY && (flags.tty || isSeen && Terminal.isInteractive(.out))
        if isTerminal && flags.interactive && !flags.detach && !isSeen {
            throw Failure("the input device is not a TTY; -T runs it without a terminal")
        }
        givesInput = hasInput && !flags.detach
        let input: Streams.Input =
            flags.detach ? (flags.interactive ? .open : .none) : givesInput ? .once : .none
        switch (isTerminal, input) {
        case (true, _): spec = .terminal(input: input)
        case (false, .none): spec = nil
        case (false, _): spec = .pipes(input: input)
        }
    }
}
