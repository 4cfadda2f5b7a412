import CLinux
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

@Suite("files of ours")
struct FileTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test("an atomic write replaces the content and leaves nothing else", arguments: [true, false])
    func atomic(synced: Bool) throws {
        let path = scratch("record")
        try atomicWrite(Array("one".utf8), to: path, mode: 0o644, synced: synced)
        try atomicWrite(Array("two".utf8), to: path, mode: 0o640, synced: synced)
        #expect(try text(path) == "two")
        var status = stat()
        #expect(stat(path.string, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o640)
        try removeTree(path)
        #expect(rmdir(scratch.path.string) == 0)
        try makeDirectories(scratch.path)
    }

    @Test("a write that fails names the path and leaves nothing")
    func failing() throws {
        try makeDirectories(scratch("taken/full"))
        let error = #expect(throws: SyscallError.self) {
            try atomicWrite([1], to: scratch("taken"), synced: false)
        }
        #expect(error?.errno == EISDIR)
        #expect(error?.subject == scratch("taken").string)
        try removeTree(scratch("taken"))
        #expect(rmdir(scratch.path.string) == 0)
        try makeDirectories(scratch.path)
    }

    @Test("what a killed writer left is removed, what a living one writes is not")
    func abandoned() throws {
        try makeDirectories(scratch("folder"))
        try scratch.write("half", to: "folder/.record.abc.tmp")
        try scratch.write("half", to: "folder/.alive.def.tmp")
        try scratch.write("whole", to: "folder/.hidden")
        let writer = try #require(try FileLock.tryAcquire(scratch("folder/.alive.def.tmp")))
        let dead = scratch("folder/.record.abc.tmp")
        #expect(try abandonedWrites(in: scratch("folder")) == [dead])
        #expect(try removeAbandonedWrites(in: scratch("folder")) == [dead])
        #expect(try abandonedWrites(in: scratch("folder")) == [])
        let left = try openFile(scratch("folder"), O_RDONLY).entryNames().map(\.string)
        #expect(left == [".alive.def.tmp", ".hidden"])
        withExtendedLifetime(writer) {}
        #expect(try removeAbandonedWrites(in: scratch("nosuch")) == [])
    }

    @Test("cleaning up beside writers disturbs none", .timeLimit(.minutes(1)))
    func cleaningBesideWriters() async throws {
        let scratch = scratch
        try makeDirectories(scratch("folder"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for round in 0..<300 {
                        let bytes = [UInt8](repeating: UInt8(round & 255), count: 1000)
                        let path = scratch("folder/\(writer)")
                        try atomicWrite(bytes, to: path, synced: false)
                        #expect(try readFile(path, limit: 1000) == bytes)
                    }
                }
            }
            group.addTask {
                for _ in 0..<600 { _ = try removeAbandonedWrites(in: scratch("folder")) }
            }
            try await group.waitForAll()
        }
        let left = try openFile(scratch("folder"), O_RDONLY).entryNames().map(\.string)
        #expect(left == ["0", "1", "2", "3"])
    }

    @Test("a user's file has to be a regular one; a fifo is not waited for")
    func regular() throws {
        try scratch.write("text", to: "file")
        #expect(symlink("file", scratch("link").string) == 0)
        #expect(try readRegularFile(scratch("link"), limit: 10) == Array("text".utf8))
        #expect(mkfifo(scratch("fifo").string, 0o600) == 0)
        for (name, code) in [
            (scratch("fifo"), EINVAL), ("/dev/zero", EINVAL), (scratch("nosuch"), ENOENT),
        ] {
            let error = #expect(throws: SyscallError.self) {
                try readRegularFile(name, limit: 10)
            }
            #expect(error?.errno == code, "\(name)")
        }
    }

    @Test("reading stops at the limit")
    func limit() throws {
        try scratch.write("12345", to: "five")
        #expect(try readFile(scratch("five"), limit: 5).count == 5)
        let error = #expect(throws: SyscallError.self) {
            try readFile(scratch("five"), limit: 4)
        }
        #expect(error?.errno == EFBIG)
    }

    @Test("folders are made with their parents; a file in the way is an error")
    func folders() throws {
        try makeDirectories(scratch("a/b/c"))
        try makeDirectories(scratch("a/b/c"))
        #expect(exists(scratch("a/b/c")))
        try scratch.write("", to: "file")
        #expect(throws: SyscallError.self) { try makeDirectories(scratch("file")) }
        #expect(throws: SyscallError.self) { try makeDirectories(scratch("file/below")) }
    }

    @Test("a sealed memfd holds its bytes and refuses others")
    func memfd() throws {
        let fd = try Memfd.sealed(Array("plan".utf8), name: "test")
        #expect(try fd.readToEnd(limit: 100) == Array("plan".utf8))
        let error = #expect(throws: SyscallError.self) { try fd.writeAll([0]) }
        #expect(error?.errno == EPERM)
        fd.with { #expect(ftruncate($0, 0) == -1) }
    }

    @Test("sealing is tried again while somebody holds the pages, and not for ever")
    func heldPages() throws {
        let fd = try Memfd.create("test", flags: UInt32(MFD_CLOEXEC | MFD_ALLOW_SEALING))
        try fd.writeAll([UInt8](repeating: 1, count: 4096))
        // The kernel refuses to seal what somebody may still write to.
        let writable = fd.with { mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, $0, 0) }
        var tries = 0
        let seal: (Int) throws(SyscallError) -> Void = { last throws(SyscallError) in
            try Memfd.repeating { () throws(SyscallError) in
                tries += 1
                if tries == last { munmap(writable, 4096) }
                try fd.with { number throws(SyscallError) in
                    try Memfd.addSeals(CInt(F_SEAL_WRITE), to: number)
                }
            }
        }
        let error = #expect(throws: SyscallError.self) { try seal(0) }
        #expect(error?.errno == EBUSY)
        #expect(tries == 10)
        try seal(13)
        #expect(tries == 13)
        fd.with { #expect(berth_fcntl($0, F_GET_SEALS, 0) & F_SEAL_WRITE != 0) }
    }

    @Test("a program runs from its sealed copy")
    func sealedProgram() async throws {
        let original = try openFile("/bin/true", O_RDONLY)
        let copy = try Memfd.sealedProgram(copying: original, name: "true")
        let path = copy.with { "/proc/self/fd/\($0)" }
        let status = try await spawn(SpawnRequest(program: path, arguments: ["true"])).exitStatus()
        #expect(status == .exited(code: 0))
        copy.with { #expect(berth_fcntl($0, F_GET_SEALS, 0) & F_SEAL_WRITE != 0) }
    }
}

@Suite("removing trees")
struct RemoveTreeTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test("links are removed and what they point at stays")
    func links() throws {
        try makeDirectories(scratch("outside"))
        try scratch.write("kept", to: "outside/file")
        try makeDirectories(scratch("tree/a/b"))
        try scratch.write("", to: "tree/a/b/file")
        scratch.link("../../outside", at: "tree/a/link")
        scratch.link(scratch("outside/file").string, at: "tree/absolute")
        try removeTree(scratch("tree"))
        #expect(!exists(scratch("tree")))
        #expect(try text(scratch("outside/file")) == "kept")
        try removeTree(scratch("tree"))
        try removeTree(scratch("no/such/parent"))
    }

    @Test("a link itself, a file, a wide and a deep tree are removed")
    func shapes() throws {
        scratch.link("/etc", at: "link")
        try removeTree(scratch("link"))
        #expect(exists("/etc"))
        for folder in 0..<30 {
            try makeDirectories(scratch("wide/\(folder)"))
            for file in 0..<30 { try scratch.write("", to: "wide/\(folder)/\(file)") }
        }
        try removeTree(scratch("wide"))
        #expect(!exists(scratch("wide")))
        var parent = try openFile(scratch.path, O_RDONLY | O_DIRECTORY)
        for _ in 0..<5000 {
            parent = parent.with { fd in
                #expect(mkdirat(fd, "deep", 0o700) == 0)
                return OwnedFD(taking: berth_openat(fd, "deep", O_RDONLY | O_CLOEXEC, 0))
            }
        }
        try removeTree(scratch("deep"))
        #expect(!exists(scratch("deep")))
    }

    @Test("a mount inside stops it", .tags(.root), .enabled(if: isRoot))
    func mounts() throws {
        try makeDirectories(scratch("tree/mounted"))
        let tmpfs = try FileSystemContext("tmpfs").mount()
        try Mount.attach(tmpfs, to: scratch("tree/mounted"))
        try scratch.write("kept", to: "tree/mounted/file")
        let mounts = try MountInfo.current()
        let entry = mounts.first { $0.mountPoint == scratch("tree/mounted").string }
        #expect(entry?.fileSystemType == "tmpfs")
        let error = #expect(throws: SyscallError.self) { try removeTree(scratch("tree")) }
        #expect(error?.errno == EBUSY)
        #expect(try text(scratch("tree/mounted/file")) == "kept")
        #expect(try Mount.detach(scratch("tree/mounted")))
        #expect(try !Mount.detach(scratch("tree/mounted")))
        try removeTree(scratch("tree"))
    }
}
