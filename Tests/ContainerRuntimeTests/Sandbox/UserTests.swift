import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("users of a container")
struct UserTests {
    static let passwd = """
        root:x:0:0:root:/root:/bin/sh
        # a comment
        broken
        half:x:notanumber:0::/:
        app:x:1000:1001:App:/home/app:/bin/sh
        nogroup:x:1002
        1:x:0:0::/:
        0001:x:0:0::/:
        +1:x:0:0::/:
        4294967296:x:0:0::/:
        １:x:0:0::/:
        bare:x:7:8
        reserved:x:4294967295:0::/:
        """
    static let group = """
        root:x:0:root
        wheel:x:10:root,app
        app:x:1001:
        docker:x:999:other,app
        1000:x:0:app2
        """

    static func resolve(
        _ text: String,
        _ groups: [String] = []
    ) throws(RuntimeError) -> UserIdentity {
        let database = UserDatabase(passwd: Array(passwd.utf8), group: Array(group.utf8))
        return try UserIdentity(text, additionalGroups: groups, in: database)
    }

    @Test(
        "names and numbers are resolved as Docker does",
        arguments: [
            ("", 0, 0, [0, 10], "/root"),
            ("root", 0, 0, [0, 10], "/root"),
            ("app", 1000, 1001, [1001, 10, 999], "/home/app"),
            ("1000", 1000, 1001, [1001, 10, 999], "/home/app"),
            ("app:wheel", 1000, 10, [10], "/home/app"),
            ("1000:55", 1000, 55, [55], "/home/app"),
            ("1", 1, 0, [0], "/"), ("0001", 1, 0, [0], "/"), ("1:1", 1, 1, [1], "/"),
            (":1", 0, 1, [1], "/root"), ("1:", 1, 0, [0], "/"),
            ("4294967294", 4_294_967_294, 0, [0], "/"), ("bare", 7, 8, [8], "/"),
        ] as [(String, UInt32, UInt32, [UInt32], String)]
    )
    func resolves(text: String, uid: UInt32, gid: UInt32, groups: [UInt32], home: String) throws {
        let identity = try Self.resolve(text)
        #expect(identity.uid == uid)
        #expect(identity.gid == gid)
        #expect(identity.groups == groups)
        #expect(identity.home == home)
    }

    @Test(
        "what looks like a number to somebody and is none is refused, whatever the files say",
        arguments: [
            "+1", "-1", "4294967295", "4294967296", "99999999999999999999", "root:999999999999",
            "１", " 1", "1 ", "root:-1", "a:b:c", "nobody", "half", "nogroup", "reserved",
            "app:nosuch", "a\nb", "\u{0}", "1:+1", "٣",
        ]
    )
    func refuses(text: String) {
        #expect(throws: RuntimeError.self) { try Self.resolve(text) }
    }

    @Test("an unknown name says where it was looked for")
    func message() {
        let error = #expect(throws: RuntimeError.self) { try Self.resolve("nobody") }
        #expect(
            error?.description
                == "no user \"nobody\" in the container's /etc/passwd; use its number, or add it to the image"
        )
    }

    @Test("further groups come by name or number, each once")
    func additional() throws {
        #expect(try Self.resolve("app", ["docker", "77", "app"]).groups == [1001, 10, 999, 77])
        #expect(throws: RuntimeError.self) { try Self.resolve("app", ["nosuch"]) }
    }

    @Test("files beyond the limits are refused, wherever they pass them")
    func limits() throws {
        let long = [UInt8](repeating: 65, count: AccountFile.lineLimit + 1)
        #expect(throws: RuntimeError.self) {
            try UserDatabase(passwd: long, group: []).user(.number(0))
        }
        let many = Array(String(repeating: "a:x:1:\n", count: AccountFile.entryLimit + 1).utf8)
        #expect(throws: RuntimeError.self) {
            try UserDatabase(passwd: [], group: many).memberships(of: "b")
        }
        let large = [UInt8](repeating: 10, count: AccountFile.fileLimit + 1)
        #expect(throws: RuntimeError.self) {
            try UserDatabase(passwd: large, group: []).user(.number(0))
        }
        #expect(try UserDatabase(passwd: [], group: many).group(named: "a") == 1)
    }

    @Test("an entry may begin in one piece of the file and end in another")
    func pieces() throws {
        var passwd = ""
        for number in 0..<20_000 { passwd += "user\(number):x:\(number):7::/home/\(number):\n" }
        passwd += "last:x:70000:8::/last:"
        let database = UserDatabase(passwd: Array(passwd.utf8), group: [])
        for number: UInt32 in stride(from: 0, to: 20_000, by: 997) {
            let user = try #require(try database.user(.number(number)))
            #expect(user.name == "user\(number)")
            #expect(user.home == "/home/\(number)")
        }
        #expect(try database.user(.name("last"))?.uid == 70000)
    }

    @Test("files as large as they may be cost little memory")
    func memory() async {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            let scratch = try Scratch()
            try makeDirectories(scratch("etc"))
            let line = ":x:5:5:" + String(repeating: "p", count: 130) + ":/h:/s\n"
            var text: [UInt8] = []
            for number in 0..<(AccountFile.entryLimit - 1) { text += "user\(number)\(line)".utf8 }
            try atomicWrite(text, to: scratch("etc/passwd"), synced: false)
            try atomicWrite(text, to: scratch("etc/group"), synced: false)
            try #require(text.count > 14 << 20)
            text = []
            let root = try Root(scratch.path)
            // 5: the greatest memory so far is forgotten (proc(5)).
            let clear = try openFile("/proc/self/clear_refs", O_WRONLY)
            try clear.writeAll(Array("5".utf8))
            let before = try UserTests.kilobytes("VmRSS")
            let error = #expect(throws: RuntimeError.self) {
                try UserIdentity("nobody", beneath: root)
            }
            try #require(error?.message.contains("no user") == true)
            _ = try UserIdentity("user99998", beneath: root)
            try #require(try UserTests.kilobytes("VmHWM") - before < 8 << 10)
        }
    }

    static func kilobytes(_ name: String) throws -> Int {
        let bytes = try readFile("/proc/self/status", limit: 64 << 10)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(name):") })
        return try #require(Int(line.split { $0 == " " || $0 == "\t" }[1]))
    }

    @Test(
        "a database that is a fifo, a device, a folder or a link to the host is refused or absent",
        arguments: ["fifo", "folder", "outside", "magic", "sparse"]
    )
    func hostile(kind: String) throws {
        let scratch = try Scratch()
        try makeDirectories(scratch("root/etc"))
        let path = scratch("root/etc/passwd").string
        switch kind {
        case "fifo": #expect(mkfifo(path, 0o600) == 0)
        case "folder": try makeDirectories(scratch("root/etc/passwd"))
        case "outside": #expect(symlink("../../../../../../../../etc/passwd", path) == 0)
        case "magic": #expect(symlink("/proc/self/fd/0", path) == 0)
        default:
            try atomicWrite([], to: scratch("root/etc/passwd"), synced: false)
            #expect(truncate(path, 10 << 30) == 0)
        }
        let root = try Root(scratch("root"))
        do throws(RuntimeError) {
            let database = try UserDatabase(beneath: root)
            #expect(try database.user(.number(0)) == nil)
            #expect(kind == "magic")
        } catch {
            #expect(error.message.contains("/etc/passwd"))
            #expect(["fifo", "folder", "outside", "sparse"].contains(kind))
        }
    }

    @Test("the union of layers shows the topmost", .tags(.root), .enabled(if: isRoot))
    func layers() throws {
        let scratch = try Scratch()
        try makeDirectories(scratch("a/etc"))
        try makeDirectories(scratch("b/etc"))
        try atomicWrite(Array("app:x:1:1::/:\n".utf8), to: scratch("b/etc/passwd"))
        try atomicWrite(Array("app:x:2:\n".utf8), to: scratch("b/etc/group"))
        #expect(try LayerView.open([]) == nil)
        let both = [scratch("a"), scratch("b")]
        let lower = try #require(try LayerView.open(both))
        #expect(try UserIdentity("app", beneath: lower).uid == 1)
        try atomicWrite(Array("app:x:5:1::/:\n".utf8), to: scratch("a/etc/passwd"))
        let upper = try #require(try LayerView.open(both))
        #expect(
            try UserIdentity("app:app", beneath: upper)
                == UserIdentity(
                    "5:2",
                    beneath: upper
                )
        )
    }
}
