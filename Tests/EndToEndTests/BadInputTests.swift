import Foundation
import Glibc
import Testing
import TestSupport

/// What a user gets for what is wrong: a place, a cause, a remedy, and nothing touched.
@Suite("root: bad input", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct BadInputTests {
    @Test("every problem of a file is told with its place, and nothing is made")
    func wrongFile() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  web:
                    image: busybox
                    prots: ["80:80"]
                    networks: [nowhere]
                  db:
                    build: .
                    use_api_socket: true
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("compose.yaml:4:5"))
            #expect(up.err.contains(#"did you mean "ports""#))
            #expect(up.err.contains("compose.yaml:5:"))
            #expect(up.err.contains("nowhere"))
            #expect(up.err.contains("compose.yaml:8:5"))
            #expect(up.err.contains("cannot be carried out: there is no daemon here"))
            #expect(up.out.isEmpty)
            #expect(try await machine.berth("ps", "-a", "-q").out.isEmpty)
        }
    }

    @Test(
        "a file that has nothing to read now and no end is refused, wherever one is named",
        arguments: ["-f /proc/kmsg config", "image import /proc/kmsg x", "build", "config"]
    )
    func endless(words: String) async throws {
        try await TestMachine.with { machine in
            let more = words == "build" ? "build: {dockerfile: /proc/kmsg}" : "env_file: /proc/kmsg"
            try machine.write("services: {web: {image: x, \(more)}}")
            let run = try await machine.run(
                [TestMachine.berth] + words.split(separator: " ").map(String.init)
            )
            // Root may lack CAP_SYSLOG, and then cannot open it.
            let reasons = ["nothing to read now, and no end", "not permitted"]
            #expect(run.status == 1)
            #expect(reasons.contains { run.err.contains($0) }, "\(run.err)")
        }
    }

    @Test("results that a full disk does not take are an error")
    func fullOutput() async throws {
        try await TestMachine.with { machine in
            try machine.write("services: {web: {image: busybox}}")
            let berth = TestMachine.berth
            let config = try await machine.run(["sh", "-c", "exec \(berth) config > /dev/full"])
            #expect(config.status == 1)
            #expect(config.err == "cannot write the output: No space left on device\n")
        }
    }

    @Test("a failing build step names the service, the line and the code")
    func failingBuild() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  web:
                    build:
                      context: .
                      additional_contexts: {host: /bin}
                """
            )
            try machine.write(
                """
                FROM scratch
                COPY --from=host busybox /bin/busybox
                RUN ["/bin/busybox", "sh", "-c", "exit 7"]
                """,
                to: "Dockerfile"
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("web"), "\(up.err)")
            #expect(up.err.contains("Dockerfile:3"), "\(up.err)")
            #expect(up.err.contains("7"), "\(up.err)")
        }
    }

    @Test("a build without its folder names the line, before any other image is built")
    func missingContext() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  web: {build: {context: ., dockerfile_inline: FROM scratch}}
                  api:
                    build: nodir
                """
            )
            for verb in ["build", "up", "plan"] {
                let result = try await machine.berth(verb)
                #expect(result.status == 1)
                #expect(result.err.contains("compose.yaml:4:12: services.api.build.context: "))
                #expect(result.err.contains("/nodir does not exist; create the folder"))
                #expect(!result.err.contains("Building"), "\(result.err)")
            }
        }
    }

    @Test("a port in use names who holds it; what ran stays, and the next up goes on")
    func portInUse() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                """
                  first: &sleeper
                    build: &build {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                """
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            let id = try await machine.berth("ps", "-q").out
            let holder = try machine.start(["busybox", "nc", "-l", "-p", "8080"])
            try await machine.until("the port is taken") {
                try await machine.run(["ss", "-ltn"]).out.contains(":8080")
            }
            try machine.writeSleepers(
                """
                  first: &sleeper
                    build: &build {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                  second:
                    <<: *sleeper
                    ports: ["8080:80"]
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("8080"), "\(up.err)")
            #expect(up.err.contains("second"), "\(up.err)")
            #expect(up.err.contains("in use"), "\(up.err)")
            #expect(up.err.contains("busybox") || up.err.contains("nc"), "\(up.err)")
            #expect(try await machine.berth("ps", "-q").out == id)
            try holder.signal(SIGTERM)
            _ = try await holder.end()
            let next = try await machine.berth("up", "-d")
            #expect(next.status == 0, "\(next.err)")
            #expect(try await machine.berth("ps", "-q").lines.count == 2)
        }
    }

    @Test("a registry that is down is named, with the image and the service")
    func registryDown() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  a: {image: "127.0.0.1:1/nothing:1"}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("a: cannot get 127.0.0.1:1/nothing:1"), "\(up.err)")
            let check = try await machine.berth("system", "check")
            #expect(check.status == 0, "\(check.out)")
        }
    }

    @Test("a program that is not there is named, and the dependents do not start")
    func missingProgram() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                """
                  broken:
                    build: &build {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [nothing-here]
                  next:
                    build: *build
                    image: sleeper
                    command: [sleep, "1000"]
                    depends_on: [broken]
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("nothing-here"), "\(up.err)")
            #expect(up.err.contains("broken"), "\(up.err)")
            #expect(try await machine.berth("ps", "-q").out.isEmpty)
        }
    }
}

extension TestMachine {
    /// A project whose image is busybox, made without a registry.
    func writeSleepers(_ services: String) throws {
        try write("services:\n" + services + "\n")
        try write(
            """
            FROM scratch
            COPY --from=host busybox /bin/busybox
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            """,
            to: "Dockerfile"
        )
    }
}
