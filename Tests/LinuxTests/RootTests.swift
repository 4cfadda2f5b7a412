import CLinux
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("paths beneath a root")
struct RootTests {
    let scratch: Scratch
    let root: Root

    init() throws {
        scratch = try Scratch()
        try makeDirectories(scratch("root/etc"))
        try makeDirectories(scratch("root/var"))
        try scratch.write("inside", to: "root/etc/passwd")
        try scratch.write("outside", to: "secret")
        root = try Root(scratch("root"))
    }

    @Test(
        "no link and no dots leave the root",
        arguments: ["/etc/passwd", "../secret", "/../../secret", "etc/../../secret"]
    )
    func escapes(target: String) throws {
        scratch.link(target, at: "root/link")
        let bytes = try root.readFile("/link", limit: 100)
        #expect(bytes == (target == "/etc/passwd" ? Array("inside".utf8) : nil))
        #expect(throws: SyscallError.self) { _ = try root.open("/link", O_RDONLY, links: .refused) }
    }

    @Test("what is no regular file is refused without opening it for ever")
    func irregular() throws {
        #expect(mkfifo(scratch("root/fifo").string, 0o600) == 0)
        let fifo = #expect(throws: SyscallError.self) { try root.readFile("/fifo", limit: 100) }
        #expect(fifo?.errno == EINVAL)
        #expect(throws: SyscallError.self) { try root.readFile("/etc", limit: 100) }
        let large = #expect(throws: SyscallError.self) {
            try root.readFile("/etc/passwd", limit: 3)
        }
        #expect(large?.errno == EFBIG)
        #expect(try root.readFile("/etc/group", limit: 100) == nil)
        #expect(try root.readFile("/etc/passwd/x", limit: 100) == nil)
    }

    @Test("magic links are not gone through")
    func magic() throws {
        let proc = try Root("/proc")
        #expect(throws: SyscallError.self) { _ = try proc.open("/self/root/etc", O_PATH) }
    }

    @Test("folders are made inside, through links that stay inside", .enabled(if: isRoot))
    func folders() throws {
        scratch.link("/var", at: "root/run")
        try root.makeDirectories("/run/app/data", mode: 0o750)
        #expect(exists(scratch("root/var/app/data")))
        scratch.link("../../../..", at: "root/up")
        try root.makeDirectories("/up/made")
        #expect(exists(scratch("root/made")))
        scratch.link("/nowhere/at/all", at: "root/dangling")
        #expect(throws: SyscallError.self) { _ = try root.makeDirectories("/dangling/x") }
        #expect(!exists("/nowhere"))
    }

    @Test("a name that is being swapped with a link never leads out", .timeLimit(.minutes(1)))
    func race() async throws {
        try makeDirectories(scratch("root/dir"))
        try scratch.write("inside", to: "root/dir/secret")
        scratch.link("../..", at: "root/swap")
        let stopped = SharedFlag()
        let swapper = Task {
            // Ended by the flag below.
            while !stopped.isSet {
                rename(scratch("root/dir").string, scratch("root/other").string)
                rename(scratch("root/swap").string, scratch("root/dir").string)
                rename(scratch("root/dir").string, scratch("root/swap").string)
                rename(scratch("root/other").string, scratch("root/dir").string)
            }
        }
        var outcomes: Set<String> = []
        for _ in 0..<2000 {
            do throws(SyscallError) {
                let bytes = try root.readFile("/dir/secret", limit: 100)
                outcomes.insert(bytes.map { String(decoding: $0, as: UTF8.self) } ?? "absent")
            } catch {
                outcomes.insert("\(error.errno)")
            }
        }
        stopped.set()
        await swapper.value
        #expect(outcomes.isSubset(of: ["inside", "absent", "\(EAGAIN)", "\(EINVAL)"]))
    }
}
