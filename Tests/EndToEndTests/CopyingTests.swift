import Foundation
import TestSupport
import Testing

/// `cp`, both of docker's and docker compose's, on containers that run and that do not.
@Suite("root: copying", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct CopyingTests {
    private static let file = """
        services:
          web:
            image: box
            command: [sleep, "1000"]
            stop_grace_period: 0s
            network_mode: none
            tmpfs: /memory
            volumes: ["data:/data"]
          fixed:
            image: box
            command: [sleep, "1000"]
            stop_grace_period: 0s
            network_mode: none
            read_only: true
            volumes: ["data:/data:ro", "other:/other"]
        volumes: {data: {}, other: {}}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh sleep cat ls mkdir ln stat echo chown chmod find rm test"
            )
            try machine.write(Self.file)
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    /// `docker cp`; `C` is the container of web, `R` that of fixed.
    private func copy(_ machine: TestMachine, _ words: String...) async throws
        -> TestMachine.Output
    {
        let words = words.map { word in
            word.replacing("C:", with: "\(machine.project)-web-1:")
                .replacing("R:", with: "\(machine.project)-fixed-1:")
        }
        return try await machine.run([Products.path("berth"), "docker", "cp"] + words)
    }

    @discardableResult
    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        let run = try await machine.berth("exec", "-T", "web", "sh", "-c", script)
        return run.out + run.err
    }

    @Test("what is at the ends of both paths says where files go, as with docker")
    func places() async throws {
        try await with { machine in
            try machine.write("one\n", to: "file")
            try machine.write("two\n", to: "dir/inner")
            try await inside(
                machine,
                "mkdir /there /full; echo old > /full/inner; ln -s /there /link"
            )
            for (source, target, found) in [
                ("file", "C:/new", "/new"), ("file", "C:/there", "/there/file"),
                ("dir", "C:/fresh", "/fresh/inner"), ("dir", "C:/there", "/there/dir/inner"),
                ("dir/.", "C:/full", "/full/inner"), ("dir/.", "C:/made", "/made/inner"),
                ("dir/", "C:/slash", "/slash/inner"), ("file", "C:/link", "/there/file"),
                ("file", "C:relative", "/relative"), ("file", "C:/memory/m", "/memory/m"),
                ("file", "C:/data/d", "/data/d"),
            ] {
                let run = try await copy(machine, source, target)
                #expect(run.status == 0, "\(source) \(target): \(run.err)")
                let text = try await inside(machine, "cat \(found)")
                #expect(text == (source == "file" ? "one\n" : "two\n"), "\(source) \(target)")
            }
        }
    }

    @Test("what cannot be copied is said in docker's words")
    func refusals() async throws {
        try await with { machine in
            try machine.write("one\n", to: "file")
            try machine.write("two\n", to: "dir/inner")
            try await inside(machine, "echo x > /plain; mkdir /full; mkdir /full/file")
            let engine = "Error response from daemon: "
            let name = "\(machine.project)-web-1"
            for (source, target, words) in [
                ("file", "C:/none/", "no such directory"),
                ("file", "C:/plain/", "no such directory"),
                ("file", "C:/no/x", "\(engine)Could not find the file /no in container \(name)"),
                ("C:/none", ".", "\(engine)Could not find the file /none in container \(name)"),
                ("dir", "C:/plain", "cannot copy directory"), ("file/", "C:/x", "not a directory"),
                ("C:/plain/.", ".", "\(engine)lstat /plain/.: not a directory"),
                ("C:/plain", "no/x", "directory \"\(machine.folder.path())/no\" does not exist"),
                ("file", "C:/full", "cannot overwrite directory \"file\" with non-directory"),
                ("file", "dir", "must specify at least one container source"),
                ("C:/a", "C:/b", "copying between containers is not supported"),
                ("file", "R:/x", "\(engine)container rootfs is marked read-only"),
                ("file", "R:/data/x", "\(engine)mounted volume is marked read-only"),
                ("file", "nope:/x", "\(engine)No such container: nope"),
                ("file", "C:/etc/hostname", "busy"),
            ] {
                let run = try await copy(machine, source, target)
                #expect(run.status == 1, "\(source) \(target)")
                #expect(run.err.contains(words), "\(source) \(target): \(run.err)")
            }
            #expect(try await copy(machine, "file", "R:/other/x").status == 0)
        }
    }

    @Test("links of a container never lead to the host, and those of the host not into a container")
    func escapes() async throws {
        try await with { machine in
            try machine.write("secret\n", to: "host-secret")
            try machine.write("new\n", to: "file")
            let secret = machine.folder.path() + "/host-secret"
            let outside = machine.folder.path() + "/outside"
            try machine.write("kept\n", to: "outside/kept")
            try await inside(
                machine,
                """
                ln -s \(secret) /to-file; ln -s \(outside) /to-folder; ln -s /../../../..\(outside) /up
                mkdir /tree; ln -s \(outside) /tree/sub; ln -s /proc/1/root/etc /magic
                """
            )
            let read = try await copy(machine, "-L", "C:/to-file", "stolen")
            #expect(read.status == 1, "what is not in the container was found")
            for target in ["C:/to-folder/kept", "C:/up/kept", "C:/tree/sub/kept"] {
                let write = try await copy(machine, "file", target)
                #expect(write.status == 1, "\(target): \(write.err)")
            }
            #expect(try await copy(machine, "C:/magic/hostname", "x").status == 1)
            // A link that is copied is a link: what follows does not go through it.
            #expect(try await copy(machine, "C:/tree", "copied").status == 0)
            try await inside(machine, "rm /tree/sub; mkdir /tree/sub; echo evil > /tree/sub/kept")
            #expect(try await copy(machine, "C:/tree/.", "copied").status == 1)
            #expect(try await machine.run(["cat", "outside/kept"]).out == "kept\n")
            #expect(try await machine.run(["cat", "host-secret"]).out == "secret\n")
        }
    }

    @Test("owners, rights, links and holes are kept, and no rights of others come to the host")
    func metadata() async throws {
        try await with { machine in
            try await inside(
                machine,
                """
                mkdir /m; echo a > /m/a; chown 77:78 /m/a; chmod 4755 /m/a; ln /m/a /m/b; ln -s a /m/l
                """
            )
            #expect(try await copy(machine, "C:/m", "plain").status == 0)
            #expect(try await copy(machine, "-a", "C:/m", "kept").status == 0)
            let show = ["stat", "-c", "%a %u:%g %h"]
            #expect(try await machine.run(show + ["plain/a"]).out == "755 0:0 2\n")
            #expect(try await machine.run(show + ["kept/a"]).out == "4755 77:78 2\n")
            #expect(try await machine.run(["readlink", "kept/l"]).out == "a\n")
            // Half a gigabyte that is a hole, and bytes that are no text.
            try await machine.run([
                "sh", "-c",
                "printf '\\000\\377\\001' > sparse; truncate -s 500M sparse; chown 5:6 sparse",
            ])
            #expect(try await copy(machine, "sparse", "C:/data/sparse").status == 0)
            let facts = try await inside(machine, "stat -c '%s %u:%g %b' /data/sparse")
                .split(separator: " ").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            #expect(facts.prefix(2) == ["524288000", "5:6"])
            #expect(facts.count == 3 && Int(facts[2]) ?? .max < 100, "\(facts)")
            #expect(try await copy(machine, "C:/data/sparse", "back").status == 0)
            #expect(try await machine.run(["cmp", "sparse", "back"]).status == 0)
        }
    }

    @Test("a container that does not run has its files and volumes")
    func stopped() async throws {
        try await with { machine in
            try machine.write("one\n", to: "file")
            #expect(try await machine.berth("stop", "web").status == 0)
            for target in ["C:/new", "C:/data/new"] {
                let run = try await copy(machine, "file", target)
                #expect(run.status == 0, "\(target): \(run.err)")
            }
            #expect(try await copy(machine, "C:/data/new", "from-volume").status == 0)
            #expect(try await machine.run(["cat", "from-volume"]).out == "one\n")
            #expect(try await copy(machine, "C:/nothing", "x").status == 1)
            let left = try await machine.run(["cat", "/proc/self/mounts"]).out
            #expect(!left.contains("/merged"), "\(left)")
            #expect(try await machine.berth("start", "web").status == 0)
            #expect(try await inside(machine, "cat /new /data/new") == "one\none\n")
        }
    }

    @Test("a tar comes and goes on stdin and stdout; folders it does not describe stay as they are")
    func tars() async throws {
        try await with { machine in
            try machine.write("two\n", to: "dir/inner")
            let berth = Products.path("berth")
            let web = "\(machine.project)-web-1"
            try await inside(machine, "mkdir /into /into/dir; chmod 700 /into/dir; echo x > /plain")
            func shell(_ script: String) async throws -> TestMachine.Output {
                try await machine.run(["sh", "-c", script])
            }
            let put = try await shell("tar cf - dir/inner | \(berth) docker cp - \(web):/into")
            #expect(put.status == 0, "\(put.err)")
            let found = try await inside(machine, "cat /into/dir/inner; stat -c %a /into/dir")
            #expect(found == "two\n700\n")
            let get = try await shell("\(berth) docker cp \(web):/into - | tar tf -")
            #expect(get.lines == ["into/", "into/dir/", "into/dir/inner"])
            let content = try await shell("\(berth) docker cp \(web):/into/. - | tar tf -")
            #expect(content.lines == ["./", "./dir/", "./dir/inner"])
            let file = try await shell("tar cf - dir | \(berth) docker cp - \(web):/plain")
            #expect(file.err.contains("must be a directory"), "\(file.err)")
            let other = try await shell("echo no | \(berth) docker cp - \(web):/into")
            #expect(other.status == 1 && other.err.contains("not a tar"), "\(other.err)")
            // What a tar says of names that leave is not done.
            let evil = try await shell(
                "tar cPf - --transform 's,.*,../../gone,' dir/inner | \(berth) docker cp - \(web):/into"
            )
            #expect(evil.status == 1, "\(evil.err)")
        }
    }

    @Test("a device is never replaced, of the host or of a container")
    func device() async throws {
        try await with { machine in
            let node = machine.folder.appendingPathComponent("nul").path
            try #require(mknod(node, S_IFCHR | 0o666, 0x103) == 0)
            try await inside(machine, "echo x > /plain")
            for to in ["nul", node] {
                let refused = try await copy(machine, "C:/plain", to)
                #expect(refused.status == 1, "\(refused.err)")
                #expect(refused.err.contains("a regular file: got a device"), "\(refused.err)")
                let project = try await machine.berth("cp", "web:/plain", to)
                #expect(project.status == 1 && project.err.contains("got a device"))
            }
            try machine.write("one\n", to: "file")
            let inner = try await copy(machine, "file", "C:/dev/null")
            #expect(inner.status == 1 && inner.err.contains("got a device"), "\(inner.err)")
            #expect(try await inside(machine, "test -c /dev/null && echo whole") == "whole\n")
            var status = stat()
            #expect(stat(node, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        }
    }

    @Test("a service's files go into each of its containers and come from the first")
    func services() async throws {
        try await with { machine in
            try machine.write("one\n", to: "file")
            #expect(try await machine.berth("up", "-d", "--scale", "web=2").status == 0)
            #expect(try await machine.berth("cp", "file", "web:/new").status == 0)
            for index in ["1", "2"] {
                let read = try await machine.berth(
                    "exec",
                    "-T",
                    "--index",
                    index,
                    "web",
                    "cat",
                    "/new"
                )
                #expect(read.out == "one\n", "\(read.err)")
            }
            #expect(try await machine.berth("cp", "--index", "2", "file", "web:/two").status == 0)
            #expect(try await machine.berth("cp", "web:/two", "x").status == 1)
            #expect(try await machine.berth("cp", "--index", "2", "web:/two", "x").status == 0)
            let none = try await machine.berth("cp", "--index", "3", "file", "web:/x")
            #expect(none.status == 1 && none.err.contains("#3"), "\(none.err)")
            let dry = try await machine.berth("cp", "--dry-run", "file", "web:/dry")
            #expect(dry.status == 0, "\(dry.err)")
            #expect(try await copy(machine, "C:/dry", "y").status == 1)
            let same = try await machine.berth("cp", "web:/a", "web:/b")
            #expect(same.err.contains("copying between services is not supported"))
        }
    }
}
