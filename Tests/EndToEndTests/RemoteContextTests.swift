import Foundation
import TestSupport
import Testing

/// Build contexts that are no folder of this machine: standard input, addresses, repositories of git.
@Suite("root: contexts from elsewhere", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct RemoteContextTests {
    private static let canServe =
        ["/usr/bin/git", "/usr/lib/git-core/git-http-backend"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    /// Builds with an archive, a Dockerfile or what else a shell writes on standard input.
    private func piped(
        _ machine: TestMachine,
        _ writer: String,
        _ arguments: String
    ) async throws -> TestMachine.Output {
        try await machine.run([
            "/bin/sh", "-c", "\(writer) | \(Products.path("berth")) image build \(arguments)",
        ])
    }

    @Test(
        "an archive on stdin is the context, however it is compressed",
        arguments: ["", "z", "j", "J"]
    )
    func archive(compression: String) async throws {
        try await TestMachine.with { machine in
            try machine.write("FROM scratch\nCOPY a /a\nCOPY none* skip /\n", to: "c/Dockerfile")
            try machine.write("text", to: "c/a")
            try machine.write("FROM scratch\nLABEL other=1\n", to: "c/sub/Other")
            try machine.write("skip\n", to: "c/.dockerignore")
            try machine.write("FROM scratch\nCOPY a /a\n", to: "c/Dockerfile")
            let tar = "tar -C c -c\(compression) ."
            let built = try await piped(machine, tar, "-t one -")
            #expect(built.status == 0, "\(built.err)")
            let other = try await piped(machine, tar, "-t two -f sub/Other -")
            #expect(other.status == 0, "\(other.err)")
            let labels = try await machine.berth(
                "image",
                "inspect",
                "-f",
                "{{.Config.Labels}}",
                "two"
            )
            #expect(labels.out == "map[other:1]\n", "\(labels.err)")
            let none = try await piped(machine, tar, "-f none -")
            #expect(none.status == 1 && none.err.contains("failed to read dockerfile: open none"))
        }
    }

    @Test("a Dockerfile on stdin has no context; what is neither is refused")
    func dockerfile() async throws {
        try await TestMachine.with { machine in
            let built = try await piped(machine, "printf 'FROM scratch\\nLABEL a=b\\n'", "-t one -")
            #expect(built.status == 0, "\(built.err)")
            let named = try await piped(machine, "printf 'FROM scratch\\n'", "-f Dockerfile.x -")
            #expect(named.status == 1 && named.err.contains("ambiguous Dockerfile source"))
            let rubbish = try await piped(machine, "head -c 4096 /dev/zero", "-")
            #expect(
                rubbish.status == 1 && rubbish.err.contains("neither an archive"),
                "\(rubbish.err)"
            )
            let left = machine.folder.appending(path: "root/build/tmp").path()
            #expect(try FileManager.default.contentsOfDirectory(atPath: left).isEmpty)
        }
    }

    @Test(
        "a Dockerfile is fetched from an address, and what is there is refused where it is none",
        .enabled(if: canServe, "git and python3 are needed")
    )
    func remoteDockerfile() async throws {
        try await TestMachine.with { machine in
            try machine.write("a", to: "c/a")
            try machine.write("FROM scratch\nCOPY a /b\n", to: "web/Some.Dockerfile")
            try machine.write("FROM scratch\nNONE\n", to: "web/bad")
            let script = """
                from http import server as web; import os
                os.chdir("web")
                class handler(web.SimpleHTTPRequestHandler):
                    def log_message(self, *words): pass
                    def do_GET(self):
                        if self.path != "/endless": return super().do_GET()
                        self.send_response(200)
                        self.end_headers()
                        try:
                            while True: self.wfile.write(b"# more\\n" * 10000)
                        except OSError: pass
                server = web.ThreadingHTTPServer(("127.0.0.1", 0), handler)
                print(server.server_port, flush=True)
                server.serve_forever()
                """
            try machine.write(script, to: "web.py")
            let server = try machine.start(["/usr/bin/python3", "web.py"])
            let port = try await server.firstOutput().split(separator: "\n").first.map(String.init)
            let address = "http://127.0.0.1:\(port ?? "")"
            // It comes without a length, and is read no further than a Dockerfile may be long.
            let endless = try await machine.berth(
                "docker",
                "build",
                "-f",
                "\(address)/endless",
                "c"
            )
            #expect(endless.status == 1 && endless.err.contains("larger than"), "\(endless.err)")
            let built = try await machine.berth(
                "docker",
                "build",
                "-f",
                "\(address)/Some.Dockerfile",
                "-o",
                "out",
                "c"
            )
            let bad = try await machine.berth("docker", "build", "-f", "\(address)/bad", "c")
            let none = try await machine.berth("docker", "build", "-f", "\(address)/none", "c")
            try server.signal(SIGKILL)
            _ = try await server.end()
            #expect(built.status == 0, "\(built.err)")
            let content = try await machine.run(["/bin/cat", "out/b"])
            #expect(content.out == "a")
            #expect(bad.status == 1 && bad.err.contains("Dockerfile:2: unknown instruction: NONE"))
            #expect(none.status == 1 && none.err.contains("\(address)/none: "), "\(none.err)")
        }
    }

    @Test("no link of a context that was fetched leads out of it")
    func links() async throws {
        try await TestMachine.with { machine in
            try machine.write("FROM scratch\nLABEL secret=1\n", to: "secret")
            let secret = machine.folder.appending(path: "secret").path()
            try machine.write("FROM scratch\nCOPY out /\n", to: "c/Good")
            let made = try await machine.run([
                "/bin/sh", "-ec",
                "ln -s \(secret) c/Dockerfile; ln -s \(secret) c/out; ln -s / c/up",
            ])
            try #require(made.status == 0)
            for (file, reason) in [
                ("Dockerfile", "failed to read dockerfile"),
                ("up\(secret)", "failed to read dockerfile"), ("Good", "out"),
            ] {
                let built = try await piped(machine, "tar -C c -c .", "-f \(file) -")
                #expect(built.status == 1 && built.err.contains(reason), "\(built.err)")
            }
        }
    }

    /// A repository `app.git` with a submodule, served by git's own program on the loopback.
    private func serving(
        _ body: (TestMachine, _ address: String) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try machine.write(Self.server, to: "server.py")
            let made = try await machine.run([
                "/bin/sh", "-ec",
                """
                export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t
                g() { git -c init.defaultBranch=main -c protocol.file.allow=always "$@"; }
                mkdir -p srv work/sub
                g init -q lib; echo lib > lib/lib; g -C lib add .; g -C lib commit -qm lib
                g clone -q --bare lib srv/lib.git
                g init -q app; cd app
                printf 'FROM scratch\\nCOPY . /\\n' > Dockerfile; echo one > file
                mkdir sub; printf 'FROM scratch\\nCOPY in /in\\n' > sub/Dockerfile; echo in > sub/in
                ln -s /etc sub/link
                g add .; g commit -qm one; g tag -a v1 -m v1
                g submodule --quiet add -b main ../lib lib
                g config -f .gitmodules submodule.lib.url ../lib.git
                echo two > file; g add .; g commit -qm two
                cd ..; g clone -q --bare app srv/app.git
                g init -q shop; cd shop; mkdir deploy other
                web() { printf 'services: {web: {image: box, env_file: own.env, labels: {of: %s}}}\\n' $1; }
                web one > deploy/compose.yaml; echo A=1 > deploy/own.env; echo x > other/file
                g add .; g commit -qm one; g tag v1
                web two > deploy/compose.yaml; g add .; g commit -qm two
                cd ..; g clone -q --bare shop srv/shop.git
                """,
            ])
            try #require(made.status == 0, "\(made.err)")
            let server = try machine.start(["/usr/bin/python3", "server.py"])
            let port = try await server.firstOutput().split(separator: "\n").first.map(String.init)
            do {
                try await body(machine, "http://127.0.0.1:\(try #require(port))/app.git")
            } catch {
                try server.signal(SIGKILL)
                throw error
            }
            try server.signal(SIGKILL)
            _ = try await server.end()
        }
    }

    private static let server = """
        from http import server as web; import os, subprocess
        class Handler(web.BaseHTTPRequestHandler):
            def serve(self):
                path, _, query = self.path.partition("?")
                size = int(self.headers.get("Content-Length") or 0)
                variables = {"GIT_PROJECT_ROOT": os.getcwd() + "/srv", "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(size), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "PATH": os.environ["PATH"], "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
                answer = subprocess.run(["/usr/lib/git-core/git-http-backend"], env=variables,
                    input=self.rfile.read(size), stdout=subprocess.PIPE).stdout
                head, _, body = answer.partition(b"\\r\\n\\r\\n")
                lines = [line.split(": ", 1) for line in head.decode().split("\\r\\n")]
                status = [value for name, value in lines if name == "Status"]
                self.send_response(int(status[0].split()[0]) if status else 200)
                for name, value in lines:
                    if name != "Status": self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_GET = do_POST = serve
            def log_message(self, *words): pass
        server = web.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()

        """

    /// What `show` says of an image's files, by `berth image mount`.
    private func files(
        _ machine: TestMachine,
        _ image: String,
        _ show: String
    ) async throws -> String {
        let mounted = try await machine.berth("image", "mount", image)
        try #require(mounted.status == 0, "\(mounted.err)")
        let path = mounted.out.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        let seen = try await machine.run(["/bin/sh", "-c", "cd \(path) && \(show)"])
        _ = try await machine.berth("image", "unmount", image)
        return seen.out + seen.err
    }

    @Test(
        "a repository is a context: branch, tag, folder and submodules",
        .enabled(if: canServe, "git and python3 are needed")
    )
    func repository() async throws {
        try await serving { machine, address in
            let main = try await machine.berth("image", "build", "-t", "main", address)
            try #require(main.status == 0, "\(main.err)")
            let shown = try await files(machine, "main", "cat file lib/lib; ls -a; stat -c %a file")
            #expect(shown.contains("two\nlib\n") && !shown.contains(".git\n"), "\(shown)")
            #expect(shown.hasSuffix("644\n"))
            let tag = try await machine.berth("image", "build", "-t", "tag", address + "#v1")
            try #require(tag.status == 0, "\(tag.err)")
            #expect(try await files(machine, "tag", "cat file") == "one\n")
            let sub = try await machine.berth(
                "docker",
                "build",
                "-t",
                "sub",
                address + "?branch=main&subdir=sub"
            )
            try #require(sub.status == 0, "\(sub.err)")
            #expect(try await files(machine, "sub", "cat in") == "in\n")
            for (fragment, reason) in [
                ("#none", "repository does not contain ref none"), ("#main:gone", "no folder gone"),
                ("#main:sub/link", "no folder sub/link"), ("#main:../x", "leaves the repository"),
            ] {
                let wrong = try await machine.berth("image", "build", address + fragment)
                #expect(wrong.status == 1 && wrong.err.contains(reason), "\(wrong.err)")
            }
        }
    }

    @Test(
        "ADD of a repository, a named context and a service's context are repositories, too",
        .enabled(if: canServe, "git and python3 are needed")
    )
    func elsewhere() async throws {
        try await serving { machine, address in
            try machine.write(
                """
                FROM scratch
                ADD \(address)#v1 /one/
                ADD --keep-git-dir=true \(address) /two
                COPY --from=other /in /three

                """,
                to: "c/Dockerfile"
            )
            let arguments = ["image", "build", "-t", "x", "--build-context"]
            let command = [Products.path("berth")] + arguments + ["other=\(address)#:sub", "c"]
            let built = try await machine.run(command)
            try #require(built.status == 0, "\(built.err)")
            let list = "cat one/file two/file three; ls -d two/.git one/.git"
            let shown = try await files(machine, "x", list)
            #expect(shown.hasPrefix("one\ntwo\nin\ntwo/.git\n"), "\(shown)")
            let again = try await machine.run(command + ["--progress=plain"])
            #expect(again.err.split(separator: "\n").count { $0.hasSuffix(" CACHED") } == 3)
            try machine.write(
                """
                services:
                  web:
                    build:
                      context: \(address)#main:sub
                      additional_contexts: {more: "\(address)#v1"}
                """
            )
            let composed = try await machine.berth("build")
            #expect(composed.status == 0, "\(composed.err)")
            let checksum = try await piped(
                machine,
                "printf 'FROM scratch\\nADD --checksum=deadbeef \(address) /\\n'",
                "-"
            )
            #expect(checksum.err.contains("expected checksum to match deadbeef"), "\(checksum.err)")
        }
    }

    @Test("an address is a context: an archive, or a Dockerfile", .enabled(if: canServe))
    func address() async throws {
        try await TestMachine.with { machine in
            try machine.write("FROM scratch\nCOPY context /\n", to: "served/Dockerfile")
            try machine.write(
                "FROM scratch\nCOPY Dockerfile /\n",
                to: "c/Dockerfile"
            )
            _ = try await machine.run(["tar", "-C", "c", "-czf", "served/c.tgz", "."])
            let server = try machine.start([
                "/usr/bin/python3", "-uc",
                "import http.server as h,functools as f\n"
                    + "s=h.ThreadingHTTPServer(('127.0.0.1',0),"
                    + "f.partial(h.SimpleHTTPRequestHandler,directory='served'))\n"
                    + "print(s.server_port)\ns.serve_forever()",
            ])
            let port = try await server.firstOutput().split(separator: "\n")[0]
            for (name, image) in [("c.tgz", "one"), ("Dockerfile", "two")] {
                let built = try await machine.berth(
                    "image",
                    "build",
                    "-t",
                    image,
                    "http://127.0.0.1:\(port)/\(name)"
                )
                #expect(built.status == 0, "\(built.err)")
            }
            let gone = try await machine.berth("image", "build", "http://127.0.0.1:\(port)/gone")
            #expect(gone.status == 1 && gone.err.contains("404"), "\(gone.err)")
            try server.signal(SIGKILL)
            _ = try await server.end()
        }
    }

    @Test(
        "compose files of repositories: by -f, include and extends, at what the reference says",
        .enabled(if: canServe, "git and python3 are needed")
    )
    func composeFiles() async throws {
        try await serving { machine, app in
            let shop = app.replacing("app.git", with: "shop.git")
            func config(_ words: String...) async throws -> TestMachine.Output {
                try await machine.run([TestMachine.berth] + words + ["config"])
            }
            for (reference, label) in [("v1:deploy", "one"), ("main:deploy", "two")] {
                let run = try await config("-f", "\(shop)#\(reference)")
                #expect(run.status == 0 && run.out.contains("of: \(label)\n"), "\(run.err)")
                #expect(run.out.contains("A: \"1\""), "\(run.out)")
            }
            let file = try await config("-f", "\(shop)#:deploy/compose.yaml")
            #expect(file.out.contains("of: two\n"), "\(file.err)")
            try machine.write("include: ['\(shop)#v1:deploy']\nservices: {own: {image: box}}\n")
            let included = try await config()
            #expect(included.out.contains("of: one\n"), "\(included.err)")
            let base = "{file: '\(shop)#main:deploy', service: web}"
            try machine.write("services: {own: {extends: \(base), labels: {m: x}}}\n")
            let extended = try await config()
            #expect(extended.out.contains("of: two\n"), "\(extended.err)")
            for (reference, words) in [
                ("#v1:other", "no compose file there"), ("#v1:none", "the repository has no none"),
                ("#v9", "does not contain ref v9"), ("#v1:../x", "leaves the repository"),
            ] {
                let run = try await config("-f", shop + reference)
                #expect(run.status == 1 && run.err.contains(words), "\(run.err)")
            }
        }
    }
}
