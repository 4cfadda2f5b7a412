import TestSupport
import Testing

/// What `inspect` and `commit` say of what was asked for, as docker 28.5 answered the same flags.
@Suite("root: what was asked for", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct AskedSettingsTests {
    private static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Flags and image, a template, and what it shows.
    private static let cases: [(flags: String, template: String, shown: String)] = [
        ("full", words, #"["/bin/echo","x"] ["y","z"] "/bin/echo" ["x","y","z"]"#),
        ("full hello", words, #"["/bin/echo","x"] ["hello"] "/bin/echo" ["x","hello"]"#),
        ("--entrypoint /bin/sh full", words, #"["/bin/sh"] null "/bin/sh" []"#),
        ("--entrypoint /bin/sh full -c", words, #"["/bin/sh"] ["-c"] "/bin/sh" ["-c"]"#),
        ("--entrypoint '' full ls", words, #"null ["ls"] "ls" []"#),
        ("bare sh", words, #"null ["sh"] "sh" []"#),
        ("-t -e C=3 full", "{{json .Config.Env}}", #"["C=3","\#(path)","A=1","B=2"]"#),
        ("-w /x bare sh", "{{.Config.WorkingDir}}", "/x"),
        ("bare sh", "[{{.Config.WorkingDir}}]", "[]"),
        ("full", stop, #""SIGQUIT" null"#),
        ("--stop-signal 9 --stop-timeout 7 bare sh", stop, #""9" 7"#),
        ("bare sh", stop, #""" null"#),
        ("--no-healthcheck full", "{{json .Config.Healthcheck}}", #"{"Test":["NONE"]}"#),
        (
            "--health-interval 3s full", "{{json .Config.Healthcheck}}",
            #"{"Test":["CMD-SHELL","true"],"Interval":3000000000}"#
        ),
        ("-P bare sh", "{{.HostConfig.PublishAllPorts}}", "true"),
        ("--userns host bare sh", "{{.HostConfig.UsernsMode}}", "host"),
        ("--mac-address 02:42:ac:11:00:99 bare sh", "{{.Config.MacAddress}}", "02:42:ac:11:00:99"),
        (
            "--privileged --security-opt seccomp=unconfined bare sh",
            "{{json .HostConfig.SecurityOpt}}", #"["seccomp=unconfined","label=disable"]"#
        ),
        ("--privileged bare sh", "{{json .HostConfig.SecurityOpt}}", #"["label=disable"]"#),
        (
            "-v /tmp:/a:ro,z -v v2:/c:nocopy -v /d --tmpfs /f:size=1048576 bare sh", mounts,
            #"["/tmp:/a:ro,z","v2:/c:nocopy"] null {"/f":"size=1048576"}"#
        ),
        (
            "--mount type=bind,src=/tmp,dst=/a,readonly --mount type=volume,src=v2,dst=/b "
                + "--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700 bare sh",
            mounts,
            #"null [{"Type":"bind","Source":"/tmp","Target":"/a","ReadOnly":true},"#
                + #"{"Type":"volume","Source":"v2","Target":"/b"},"#
                + #"{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576,"Mode":448}}] null"#
        ),
    ]
    private static let words =
        "{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Path}} {{json .Args}}"
    private static let stop = "{{json .Config.StopSignal}} {{json .Config.StopTimeout}}"
    private static let mounts =
        "{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}} {{json .HostConfig.Tmpfs}}"

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "bare")
            let script = """
                printf 'FROM bare\\nENV A=1 B=2\\nENTRYPOINT ["/bin/echo","x"]\\nCMD ["y","z"]\\n\
                STOPSIGNAL SIGQUIT\\nHEALTHCHECK CMD true\\n' | "$0" docker build -q -t full -
                """
            let built = try await machine.run(["/bin/sh", "-c", script, TestMachine.berth])
            try #require(built.status == 0, "\(built.err)")
            try await body(machine)
        }
    }

    @Test("inspect shows what was asked for, under docker's names")
    func inspect() async throws {
        try await with { machine in
            for (flags, template, shown) in Self.cases {
                let words = flags.split(separator: " ").map { $0 == "''" ? "" : String($0) }
                let made = try await machine.run(
                    [TestMachine.berth, "docker", "create", "--name", "c1"] + words
                )
                #expect(made.status == 0, "\(flags): \(made.err)")
                let seen = try await machine.docker("inspect", "-f", template, "c1")
                #expect(seen.out == shown + "\n", "\(flags): \(seen.err)")
                _ = try await machine.docker("rm", "-f", "-v", "c1")
            }
            let host = try await machine.docker(
                "create",
                "--name",
                "c1",
                "--network",
                "host",
                "bare",
                "sh"
            )
            #expect(host.status == 0, "\(host.err)")
            let name = try await machine.docker("inspect", "-f", "{{.Config.Hostname}}", "c1")
            #expect(try await machine.run(["uname", "-n"]).out == name.out)
            _ = try await machine.docker("rm", "-f", "c1")
            _ = try await machine.docker("volume", "rm", "v2")
        }
    }

    @Test(
        "an image of a container has the entrypoint and the command that it was run with",
        arguments: [
            ("--entrypoint /bin/sh full -c true", #"["/bin/sh"] ["-c","true"]"#),
            ("--entrypoint '' full /bin/sleep 0", #"null ["/bin/sleep","0"]"#),
            ("full", #"["/bin/echo","x"] ["y","z"]"#),
        ]
    )
    func commit(flags: String, shown: String) async throws {
        try await with { machine in
            let words = flags.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            #expect(
                try await machine.run(
                    [TestMachine.berth, "docker", "create", "--name", "c1"] + words
                ).status == 0
            )
            #expect(try await machine.docker("commit", "c1", "again").status == 0)
            let seen = try await machine.docker(
                "image",
                "inspect",
                "-f",
                "{{json .Config.Entrypoint}} {{json .Config.Cmd}}",
                "again"
            )
            #expect(seen.out == shown + "\n", "\(seen.err)")
            _ = try await machine.docker("rm", "-f", "c1")
        }
    }

    @Test("a network that a container has left is still what it was made for")
    func left() async throws {
        try await with { machine in
            let run = try await machine.docker("run", "-d", "--name", "c1", "bare", "sleep", "1000")
            try #require(run.status == 0, "\(run.err)")
            #expect(try await machine.docker("network", "disconnect", "bridge", "c1").status == 0)
            let seen = try await machine.docker(
                "inspect",
                "-f",
                "{{.HostConfig.NetworkMode}}",
                "c1"
            )
            #expect(seen.out == "bridge\n", "\(seen.err)")
            #expect(try await machine.docker("rm", "-f", "c1").status == 0)
        }
    }
}
