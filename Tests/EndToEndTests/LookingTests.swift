import Foundation
import Testing
import TestSupport

/// Commands that only look, where nothing was ever done.
@Suite(
    "root: only looking",
    .tags(.root),
    .enabled(if: isRoot, "needs root"),
    .timeLimit(.minutes(3))
)
struct LookingTests {
    @Test("makes no state")
    func nothing() async throws {
        try await TestMachine.with { machine in
            try machine.write("services: {web: {image: x}}\n")
            let root = machine.folder.appending(path: "root").path()
            let warning =
                "warning: BERTH_ROOT says \(root), and there is no such folder: nothing is known "
                + "of any container or image\n"
            let images = try await machine.berth("docker", "images")
            #expect(images.out == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n")
            #expect(try await machine.berth("system", "df").status == 0)
            let missing = try await machine.berth("docker", "image", "inspect", "nosuch")
            #expect(missing.status == 1 && missing.out == "[]\n")
            #expect(
                missing.err == warning
                    + "Error response from daemon: No such image: nosuch:latest\n"
            )
            let containers = try await machine.berth("ps", "web")
            #expect(containers.status == 0 && containers.lines.count == 1)
            let other = try await machine.berth("ps", "other")
            #expect(other.status == 1 && other.err == warning + "no such service: other\n")
            for command in [["logs"], ["logs", "-f"], ["stop"], ["restart"], ["ls", "-q"]] {
                let run = try await machine.run([TestMachine.berth] + command)
                #expect(run.status == 0 && run.out.isEmpty && run.err == warning, "\(command)")
            }
            for (command, words) in [
                ("system check", "nothing left over\n"),
                ("down -v", "Warning: No resource found to remove for project"),
                ("--dry-run down", "Warning: No resource found to remove for project"),
            ] {
                let words = warning + words
                let run = try await machine.run(["sh", "-c", "\(TestMachine.berth) \(command)"])
                #expect(run.status == 0 && run.err.hasPrefix(words), "\(command): \(run.err)")
            }
            for command in [
                "start", "exec web true", "export web", "commit web", "container export web",
                "container commit web", "image tag a b", "image save a -o a.tar", "image mount a",
            ] {
                let run = try await machine.run(["sh", "-c", "\(TestMachine.berth) \(command)"])
                #expect(run.status == 1 && run.err.hasPrefix(warning), "\(command): \(run.err)")
            }
            for folder in ["root", "run"] {
                let path = machine.folder.appending(path: folder).path()
                #expect(!FileManager.default.fileExists(atPath: path), "\(folder)")
            }
        }
    }

    @Test("says that the state folder is none", arguments: [true, false])
    func noFolder(isLink: Bool) async throws {
        try await TestMachine.with { machine in
            try machine.write("services: {web: {image: x}}\n")
            let root = machine.folder.appending(path: "root").path()
            if isLink {
                try FileManager.default.createSymbolicLink(
                    atPath: root,
                    withDestinationPath: "nowhere"
                )
            } else {
                try machine.write("mine", to: "root")
            }
            let what = isLink ? "a symbolic link" : "not a directory"
            let words = "cannot keep state in \(root): it is \(what); "
            for command in [["ls"], ["ps"], ["images"], ["image", "ls"], ["logs"]] {
                let run = try await machine.run([TestMachine.berth] + command)
                #expect(
                    run.status == 1 && run.out.isEmpty && run.err.hasPrefix(words),
                    "\(command): \(run.err)"
                )
            }
            let doctor = try await machine.berth("doctor")
            #expect(doctor.status == 1)
            #expect(doctor.lines.contains { $0.hasPrefix("MISSING   state ") })
            try FileManager.default.removeItem(atPath: root)
        }
    }

    @Test("in a folder that was deleted says so, and needs no folder where no file is read")
    func noDirectory() async throws {
        try await TestMachine.with { machine in
            func inDeleted(_ command: String) async throws -> TestMachine.Output {
                try await machine.run(
                    [
                        "sh", "-c",
                        "mkdir gone && cd gone && rmdir ../gone && exec \(TestMachine.berth) \(command)",
                    ]
                )
            }
            let listed = try await inDeleted("ls -q")
            #expect(listed.status == 0 && listed.out.isEmpty)
            let containers = try await inDeleted("ps")
            #expect(containers.status == 1)
            #expect(
                containers.err
                    == "the current folder was deleted; go to one that is there with `cd`\n"
            )
            let folder = machine.folder.path()
            try machine.write("services: {web: {image: x, prots: []}}\n")
            for (options, input) in [
                ("-f \(folder)/compose.yaml", ""), ("--project-directory \(folder)", ""),
                ("--project-directory \(folder) -f -", "<\(folder)/compose.yaml"),
            ] {
                let config = try await inDeleted("\(options) config \(input)")
                #expect(config.err.contains("services.web: unknown key"), "\(config.err)")
                let found = try await inDeleted("\(options) ps -q \(input)")
                #expect(found.status == 0, "\(found.err)")
            }
            for options in ["-f compose.yaml", "-f \(folder)/compose.yaml --env-file a.env"] {
                let refused = try await inDeleted("\(options) ps")
                #expect(refused.status == 1 && refused.err == containers.err, "\(refused.err)")
            }
        }
    }
}
