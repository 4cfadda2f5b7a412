import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("maps of identifiers")
struct IdentifierMapTests {
    @Test(
        "the owner is shown as the user, and nobody is shown twice",
        arguments: [
            (1000, 0, "1 1 999\n1001 1001 4294966294\n1000 0 1\n"),
            (1000, 33, "0 0 33\n34 34 966\n1001 1001 4294966294\n1000 33 1\n"),
            (1, 0, "2 2 4294967293\n1 0 1\n"), (7, 7, "0 0 4294967295\n"),
        ] as [(UInt32, UInt32, String)]
    )
    func text(owner: UInt32, user: UInt32, text: String) {
        #expect(IdentifierMap(owner: owner, user: user).text == text)
    }
}

@Suite(
    "binds with another owner",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(1))
)
struct OwnerMappingTests {
    let bench: ContainerBench
    let folder: FilePath

    init() throws {
        bench = try ContainerBench()
        folder = bench.root.appending("work")
        try makeDirectories(folder, mode: 0o755)
    }

    private func run(_ script: String, as user: String = "", readOnly: Bool = false) async throws
        -> String
    {
        var spec = try bench.shell(script)
        spec.process.user = user
        var mount = MountSpec(
            source: .bind(path: folder.string, create: false),
            target: "/work",
            readOnly: readOnly
        )
        mount.mapsOwner = true
        spec.mounts = [mount]
        let run = try await bench.run(spec)
        return run.output + run.errors
    }

    private func owner(_ name: String) throws -> [UInt32] {
        var status = stat()
        try #require(lstat(folder.appending(name).string, &status) == 0)
        return [status.st_uid, status.st_gid]
    }

    @Test("what the container's user makes is the owner's", arguments: ["", "33:44"])
    func made(user: String) async throws {
        chown(folder.string, 1000, 1001)
        let shown = try await run("touch /work/f; mkdir /work/d; stat -c '%u %g' /work/f", as: user)
        #expect(shown == (user.isEmpty ? "0 0\n" : "33 44\n"))
        #expect(try owner("f") == [1000, 1001])
        #expect(try owner("d") == [1000, 1001])
    }

    @Test("what is root's in the folder is nobody's in the container")
    func rootsFile() async throws {
        try atomicWrite(Array("x\n".utf8), to: folder.appending("theirs"), synced: false)
        chown(folder.string, 1000, 1000)
        chmod(folder.appending("theirs").string, 0o600)
        let shown = try await run("stat -c %u /work/theirs; cat /work/theirs")
        #expect(shown.hasPrefix("65534\n"), "\(shown)")
        #expect(!shown.contains("x\n"), "\(shown)")
        #expect(try owner("theirs") == [0, 0])
    }

    @Test("read-only stays read-only, and a folder of the user itself is as it is")
    func others() async throws {
        chown(folder.string, 1000, 1000)
        #expect(try await run("touch /work/f", readOnly: true).contains("Read-only file system"))
        #expect(try await run("touch /work/f; stat -c %u /work", as: "1000:1000") == "1000\n")
    }

    @Test("nobody is given the files of root")
    func folderOfRoot() async throws {
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await run("true", as: "33")
        }
        #expect(error?.message.contains("cannot give 33 the files of root") == true)
        #expect(try await run("stat -c %u /work") == "0\n")
    }
}
