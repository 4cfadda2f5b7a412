import Testing

@testable import berth

@Suite("docker's command line")
struct DockerInvocationTests {
    @Test(
        "takes docker's global options away before the command",
        arguments: [
            (["image", "ls"], ["image", "ls"], [:]),
            (["--config", "/c", "tag", "a", "b"], ["tag", "a", "b"], ["DOCKER_CONFIG": "/c"]),
            (
                ["--config=/c", "-D", "image"], ["image"],
                ["DOCKER_CONFIG": "/c", "BERTH_LOG": "debug"]
            ),
            (["buildx", "build", "."], ["build", "."], [:]),
            (["-D", "builder", "build", "-"], ["build", "-"], ["BERTH_LOG": "debug"]),
            (["-lwarn", "image"], ["image"], ["BERTH_LOG": "warning"]),
            (["-H", "unix:///var/run/docker.sock", "image"], ["image"], [:]),
            (["-c", "default", "--tls=false", "image"], ["image"], [:]),
            (["-v"], ["--version"], [:]), (["--help"], ["--help"], [:]), ([], [], [:]),
        ] as [([String], [String], [String: String])]
    )
    func options(
        line: [String],
        expected: [String],
        environment: [String: String]
    ) throws {
        let read = try DockerInvocation(line, surroundings: [:])
        #expect(read.route == .engine)
        #expect(read.arguments == expected)
        #expect(read.environment == environment)
    }

    @Test("compose's part is ours")
    func compose() throws {
        let read = try DockerInvocation(["-D", "compose", "-f", "a", "up"], surroundings: [:])
        #expect(read.route == .compose)
        #expect(read.arguments == ["-f", "a", "up"])
    }

    @Test(
        "what is not here is refused by name",
        arguments: [
            (
                ["scout", "x"],
                "docker: 'docker scout' is not supported: it is a service of docker's",
                1
            ),
            (
                ["help", "scout"],
                "docker: 'docker scout' is not supported: it is a service of docker's", 1
            ),
            (
                ["swarm"],
                "docker: 'docker swarm' is not supported: it is for clusters, and berth works on one "
                    + "machine",
                1
            ),
            (
                ["foo"],
                "docker: unknown command: docker foo\n\nRun 'docker --help' for more information", 1
            ),
            (
                ["-H", "a", "-H", "b", "image"],
                "--host is a: berth works on this machine only; leave it out", 125
            ),
            (["-l", "loud"], "unable to parse logging level: loud", 125),
            (["-l"], "flag needs an argument: -l", 125),
            (
                ["--tlsverify", "image"],
                "--tlsverify: berth works on this machine only, there is no server to talk to", 125
            ),
        ] as [([String], String, Int32)]
    )
    func refusals(line: [String], words: String, code: Int32) throws {
        let failure = #expect(throws: Failure.self) {
            try DockerInvocation(line, surroundings: [:])
        }
        #expect(failure?.description == words)
        #expect(failure?.exitCode == code)
    }

    @Test("the environment may not mean another machine")
    func environment() throws {
        #expect(throws: Failure.self) {
            try DockerInvocation(["image"], surroundings: ["DOCKER_HOST": "ssh://there"])
        }
        #expect(throws: Failure.self) {
            try DockerInvocation(["image"], surroundings: ["DOCKER_CONTEXT": "there"])
        }
    }

    @Test(
        "Go's way to write a flag with its value",
        arguments: [
            (["image", "ls", "--all=true", "-q=1"], ["image", "ls", "--all", "-q"]),
            (["history", "-H=false", "x"], ["history", "--no-human", "x"]),
            (["history", "--human=true", "x"], ["history", "--human", "x"]),
            (["image", "rm", "--force=false", "x"], ["image", "rm", "x"]),
            (["images", "--filter=dangling=true"], ["images", "--filter=dangling=true"]),
            (["tag", "--", "--all=true"], ["tag", "--", "--all=true"]),
            (["images", "-aq=false"], ["images", "-a"]),
            (["image", "ls", "-aq=true"], ["image", "ls", "-a", "-q"]),
            (["commit", "-p=false", "c"], ["commit", "--no-pause", "c"]),
            (["commit", "--pause=t", "c"], ["commit", "--pause", "c"]),
            (
                ["pull", "--disable-content-trust=false", "x"],
                ["pull", "--no-disable-content-trust", "x"]
            ),
            // What is a flag to one command is none to another, and a value is no flag.
            (["login", "-p=true"], ["login", "--password=true"]),
            (["login", "-u", "-p=false"], ["login", "--username=-p=false"]),
            (
                ["login", "-uname", "-p-x", "h"],
                ["login", "--username=name", "--password=-x", "h"]
            ),
            (["images", "--filter", "--all=true"], ["images", "--filter=--all=true"]),
            (["images", "-qf", "a=b"], ["images", "-q", "-f", "a=b"]),
            (["images", "-qf", "-a=true"], ["images", "-q", "--filter=-a=true"]),
            (["images", "-qfdangling=true"], ["images", "-q", "--filter=dangling=true"]),
            (
                ["run", "--rm", "--entrypoint=", "--name=", "box", "echo", "--x="],
                ["run", "--rm", "--entrypoint", "", "--name", "", "box", "echo", "--x="]
            ),
            (["kill", "--signal=", "web"], ["kill", "--signal", "", "web"]),
            (["build", "-o=", "."], ["build", "--output==", "."]),
            (["build", "-o=out", "."], ["build", "--output=out", "."]),
            (["save", "-ox.tar", "x"], ["save", "--output=x.tar", "x"]),
            (["images", "-qz=1"], ["images", "-qz=1"]),
            (["load", "-i", "-"], ["load", "-i", "-"]),
            // The last of several counts.
            (["run", "--rm", "--rm=false", "x"], ["run", "x"]),
            (["run", "--rm=false", "--rm", "x"], ["run", "--rm", "x"]),
            (["run", "--rm=0", "--rm=1", "x", "--rm"], ["run", "--rm", "x", "--rm"]),
            (["run", "-it", "-t=false", "--init", "x"], ["run", "-i", "--init", "x"]),
            (["run", "-i", "--interactive=false", "x"], ["run", "x"]),
            (["run", "-dti=false", "-i", "x"], ["run", "-d", "-t", "-i", "x"]),
            (["run", "--name", "--rm", "--rm=false", "x"], ["run", "--name=--rm", "x"]),
            (["history", "-H=false", "--human", "x"], ["history", "--no-human", "--human", "x"]),
            (["history", "-H", "--human=false", "x"], ["history", "--no-human", "x"]),
            (["history", "-H=false", "-H=true", "x"], ["history", "-H", "x"]),
            (["images", "--no-such=true"], ["images", "--no-such=true"]),
        ]
    )
    func flags(line: [String], expected: [String]) throws {
        #expect(try GoFlags.normalised(line, below: Docker.self) == expected)
    }

    @Test(
        "a flag is on or off and nothing else",
        arguments: [
            (["images", "-q=maybe"], "invalid argument \"maybe\" for \"-q, --quiet\" flag"),
            (["images", "--no-trunc="], "invalid argument \"\" for \"--no-trunc\" flag"),
        ]
    )
    func notTrue(line: [String], words: String) throws {
        let failure = #expect(throws: Failure.self) {
            try GoFlags.normalised(line, below: Docker.self)
        }
        #expect(failure?.description.hasPrefix(words) == true)
        #expect(failure?.exitCode == 125)
    }

    @Test("help knows commands only")
    func topics() throws {
        #expect(
            try DockerInvocation(["help", "image", "ls"], surroundings: [:]).arguments.count == 3
        )
        let failure = #expect(throws: Failure.self) {
            try DockerInvocation(["help", "image", "nosuch"], surroundings: [:])
        }
        #expect(failure?.description == "unknown help topic: image nosuch")
    }

    @Test(
        "complaints about usage are docker's",
        arguments: [
            ("Unknown option '--foo'", "unknown flag: --foo", Int32(125)),
            ("Unknown option '-x'", "unknown shorthand flag: 'x' in -x", 125),
            ("Missing value for '--limit <n>'", "flag needs an argument: --limit", 125),
            (
                "The value 'a' is invalid for '--limit <n>'",
                "invalid argument \"a\" for \"--limit\" flag: "
                    + "strconv.ParseInt: parsing \"a\": invalid syntax", 125
            ),
            (
                "Missing expected argument '<image>'",
                "docker: 'docker rmi' requires at least 1 argument", 1
            ),
        ]
    )
    func usage(message: String, words: String, code: Int32) {
        let usage = "Usage: docker rmi [--force] <image> ...\n  See 'docker rmi --help'"
        let told = DockerUsage.explain(message, usage: usage)
        #expect(
            told.text == words + "\n\nUsage:  docker rmi [OPTIONS] IMAGE [IMAGE...]"
                + "\n\n\(code == 1 ? "See" : "Run") 'docker rmi --help' for more information"
        )
        #expect(told.exitCode == code)
    }

    @Test(
        "the number of arguments is read from the usage",
        arguments: [
            ("docker tag <source-image[:tag]> <target-image[:tag]>", "requires 2 arguments"),
            ("docker images [--filter <key=value> ...] [<name>]", "requires at most 1 argument"),
            ("docker image prune [--all] [--filter <key=value> ...]", "accepts no arguments"),
            (
                "docker commit [-m <text>] <container> [<name>]",
                "requires at least 1 and at most 2 arguments"
            ), ("docker rmi [--force] <image> ...", "requires at least 1 argument"),
            ("docker build [<options>] <path>", "requires 1 argument"),
            ("docker exec [<options>] <container> [<it> ...]", "requires at least 2 arguments"),
            ("docker network create [<name>]", "requires 1 argument"),
            ("docker cp [<options>] <source>", "requires 2 arguments"),
            (
                "docker rmi [--force]\n           [--no-prune] <image>\n           ...",
                "requires at least 1 argument"
            ),
        ]
    )
    func demands(usage: String, demand: String) {
        let command = usage.split(separator: " ").prefix { !"[<".contains($0.first ?? "[") }
            .joined(separator: " ")
        let told = DockerUsage.explain("Unexpected argument 'x'", usage: "Usage: " + usage)
        #expect(told.text.hasPrefix("docker: '\(command)' \(demand)\n"))
    }

    @Test("a group's unknown command is named")
    func group() {
        let told = DockerUsage.explain(
            "Unexpected argument 'export'",
            usage: "Usage: docker image <subcommand>"
        )
        #expect(
            told.text == "docker: unknown command: docker image export\n\nUsage:  docker image\n\n"
                + "Run 'docker image --help' for more information"
        )
        #expect(told.exitCode == 1)
    }
}
