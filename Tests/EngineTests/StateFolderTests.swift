import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite("the folders of the state")
struct StateFolderTests {
    let scratch: Scratch
    var layout: Layout { Layout(root: scratch("a/root"), run: scratch("a/run")) }

    init() throws { scratch = try Scratch() }

    private func make(_ name: String, _ mode: mode_t, owner: uid_t? = nil) {
        #expect(mkdir(scratch(name).string, 0o700) == 0)
        #expect(chmod(scratch(name).string, mode) == 0)
        if let owner { #expect(chown(scratch(name).string, owner, owner) == 0) }
    }

    private func mode(_ path: FilePath) -> mode_t {
        var status = stat()
        #expect(lstat(path.string, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test("that others can read are closed to them, when they are ours or empty")
    func readable() throws {
        make("a", 0o755)
        make("a/root", 0o755)
        try layout.prepare()
        #expect(mode(layout.root) == 0o700)
        try scratch.write("", to: "a/root/berth.db")
        #expect(chmod(layout.root.string, 0o755) == 0)
        try layout.prepare()
        #expect(mode(layout.root) == 0o700)
    }

    @Test("behind a link that leads nowhere cannot be made, which is said")
    func dangling() throws {
        make("a", 0o755)
        #expect(symlink(scratch("missing").string, scratch("a/root").string) == 0)
        for root in [scratch("a/root"), scratch("a/root/below/it")] {
            #expect(throws: EngineError.self) { try Layout(root: root, run: layout.run).prepare() }
        }
        #expect(!Layout.exists(scratch("missing")))
    }

    @Test(
        "that hold something else are refused and left as they are, also in what is advised",
        arguments: [(0o755, "read"), (0o1777, "write to")]
    )
    func notOurs(mode: Int, word: String) throws {
        make("a", 0o755)
        make("a/root", mode_t(mode))
        try scratch.write("", to: "a/root/letter")
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.reason == "other users can \(word) it")
        #expect(error?.remedy == "set BERTH_ROOT to a folder of berth's own")
        #expect(self.mode(layout.root) == mode_t(mode) & 0o777)
    }

    @Test("of the system are refused, and nothing is advised that would close them to others")
    func systems() {
        for folder: FilePath in ["/", "/proc"] {
            let error = #expect(throws: EngineError.self) {
                try Layout(root: folder, run: folder).prepare()
            }
            #expect(error?.remedy?.contains("chmod") == false)
        }
    }

    @Test("that are links are refused, and where they lead is named")
    func links() throws {
        make("a", 0o755)
        make("a/real", 0o700)
        #expect(symlink("real", scratch("a/root").string) == 0)
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.reason == "it is a symbolic link")
        let real = try #require(Layout.realPath(scratch("a/real")))
        #expect(error?.remedy == "set BERTH_ROOT to \(real)")
    }

    @Test("are one by every path, and the machine's own without a name")
    func identity() throws {
        make("a", 0o755)
        #expect(symlink(".", scratch("a/link").string) == 0)
        #expect(symlink("/var/lib", scratch("a/lib").string) == 0)
        let above = try #require(Layout.realPath(scratch("a")))
        func root(_ named: String) -> FilePath {
            Layout(environment: ["BERTH_ROOT": named, "BERTH_RUN": ""]).root
        }
        for name in ["root", "link/root", "link/link/../a/root", "./link/root/", "link/root/."] {
            make("a/root", 0o700)
            #expect(root(scratch("a/\(name)").string) == above.appending("root"), "\(name)")
            rmdir(scratch("a/root").string)
        }
        #expect(root(scratch("a/link/new/root").string) == above.pushing("new/root"))
        // The last component is looked at by `prepare`.
        #expect(root(scratch("a/link/link").string) == above.appending("link"))
        #expect(root("").string == "/var/lib/berth")
        #expect(root(scratch("a/lib/berth").string).string == "/var/lib/berth")
        #expect(root("/").string == "/")
        #expect(Layout(environment: ["BERTH_RUN": ""]).run == "/run/berth")
    }

    @Test("below a folder that others can change are refused", arguments: [0o777, 0o770, 0o1777])
    func writableAbove(mode: Int) throws {
        make("a", mode_t(mode))
        #expect(chown(scratch("a").string, getuid(), 12345) == 0)
        guard mode != 0o1777 else { return try layout.prepare() }
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.reason.contains("other users can write to \(scratch("a"))") == true)
    }

    @Test("below somebody else's folder are refused", .tags(.root), .enabled(if: isRoot))
    func foreignAbove() throws {
        make("b", 0o755, owner: 12345)
        #expect(symlink(scratch("b").string, scratch("a").string) == 0)
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.reason.contains("belongs to user 12345") == true)
        #expect(!exists(layout.root))
        // Nor by a link that is there.
        #expect(symlink(scratch("c").string, scratch("b/link").string) == 0)
        make("c", 0o700)
        let variables = ["BERTH_ROOT": scratch("b/link/root").string]
        let above = try #require(Layout.realPath(scratch("c")))
        #expect(Layout(environment: variables).root == above.appending("root"))
        let way = #expect(throws: EngineError.self) {
            try Layout.checkWays(environment: variables)
        }
        #expect(way?.reason.contains("belongs to user 12345") == true)
    }
}
