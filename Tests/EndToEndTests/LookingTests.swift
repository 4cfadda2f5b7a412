import Foundation
import Testing

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
            let images = try await machine.berth("docker", "images")
            #expect(images.out == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n")
            #expect(try await machine.berth("system", "df").status == 0)
            let missing = try await machine.berth("docker", "image", "inspect", "nosuch")
            #expect(missing.status == 1 && missing.out == "[]\n")
            #expect(
                missing.err == "Error response from daemon: No such image: nosuch:latest\n"
            )
            let containers = try await machine.berth("ps", "web")
            #expect(containers.status == 0 && containers.lines.count == 1)
            let other = try await machine.berth("ps", "other")
            #expect(other.status == 1 && other.err == "no such service: other\n")
            for follow in [[], ["-f"]] {
                let logs = try await machine.run([TestMachine.berth, "logs"] + follow)
                #expect(logs.status == 0 && logs.out.isEmpty && logs.err.isEmpty)
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
            let words = "cannot keep state in \(root): it is not a directory; "
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
        }
    }
}
