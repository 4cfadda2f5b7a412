import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

@Suite("Unpacking", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct UnpackTests {
    @Test("keeps modes, owners, times, links, devices and attributes", arguments: fileSystems)
    func metadata(fileSystem: String) async throws {
        let scratch = try Scratch(on: fileSystem)
        let tar = TestTar { tar in
            tar.add(.init(name: Array("etc/".utf8), type: "5", mode: 0o1777, owner: 5, group: 6))
            tar.add(
                .init(
                    name: Array("etc/su".utf8),
                    type: "0",
                    mode: 0o4755,
                    owner: 1000,
                    group: 2000,
                    content: Array("root!".utf8),
                    pax: [
                        ("SCHILY.xattr.user.note", Array("hello".utf8)),
                        ("SCHILY.xattr.trusted.overlay.redirect", Array("/etc".utf8)),
                        ("SCHILY.xattr.user.overlay.opaque", Array("y".utf8)),
                        ("SCHILY.xattr.security.selinux", Array("x".utf8)),
                    ]
                )
            )
            tar.hardLink("etc/su2", to: "etc/su")
            tar.link("etc/link", to: "../../../canary")
            tar.add(.init(name: Array("etc/tty".utf8), type: "3", mode: 0o620, device: (5, 1)))
            tar.add(.init(name: Array("etc/disk".utf8), type: "4", mode: 0o600, device: (8, 0)))
            tar.add(.init(name: Array("etc/pipe".utf8), type: "6", mode: 0o600))
            tar.add(
                .init(
                    name: Array("big".utf8),
                    type: "0",
                    pax: [("uid", Array("3000000000".utf8)), ("mtime", Array("1.5".utf8))]
                )
            )
        }.finished
        let layer = try await scratch.add(tar)

        let folder = try #require(status(scratch.file("etc", of: layer)))
        #expect(folder.st_mode == S_IFDIR | 0o1777)
        #expect((folder.st_uid, folder.st_gid) == (5, 6))
        #expect(folder.st_mtim.tv_sec == 1_700_000_000)
        let file = try #require(status(scratch.file("etc/su", of: layer)))
        #expect(file.st_mode == S_IFREG | 0o4755)
        #expect((file.st_uid, file.st_gid) == (1000, 2000))
        #expect(file.st_nlink == 2)
        #expect(file.st_mtim.tv_sec == 1_700_000_000)
        let opened = SharedFD(try openFile(scratch.file("etc/su", of: layer), O_RDONLY))
        let names = try opened.extendedAttributeNames(subject: "")
        #expect(names.filter { $0 != "security.selinux" } == ["user.note"])
        #expect(try opened.extendedAttribute("user.note", subject: "") == Array("hello".utf8))
        #expect(status(scratch.file("etc/link", of: layer))?.st_mode == S_IFLNK | 0o777)
        let terminal = try #require(status(scratch.file("etc/tty", of: layer)))
        #expect(terminal.st_mode == S_IFCHR | 0o620)
        #expect(DeviceNumber(packed: terminal.st_rdev) == DeviceNumber(major: 5, minor: 1))
        #expect(status(scratch.file("etc/disk", of: layer))?.st_mode == S_IFBLK | 0o600)
        #expect(status(scratch.file("etc/pipe", of: layer))?.st_mode == S_IFIFO | 0o600)
        let big = try #require(status(scratch.file("big", of: layer)))
        #expect(big.st_uid == 3_000_000_000)
        #expect((big.st_mtim.tv_sec, big.st_mtim.tv_nsec) == (1, 500_000_000))
        try scratch.expectCanary()
        #expect(status(scratch.store.root)?.st_mode == S_IFDIR | 0o700)
    }

    @Test("keeps names that are long, odd or not text")
    func names() async throws {
        let scratch = try Scratch()
        let long = String(repeating: "directory/", count: 30) + String(repeating: "n", count: 200)
        let bytes: [UInt8] = [0x61, 0xff, 0xfe, 0x0a, 0x62]
        let unicode = "naïve-\u{1F6A2}"
        let decomposed = "nai\u{308}ve"
        let tar = TestTar { tar in
            tar.add(
                .init(name: Array("pax".utf8), type: "0", pax: [("path", Array("p/\(long)".utf8))])
            )
            tar.add(.init(name: Array("g/\(long)".utf8), type: "0", isGNU: true))
            tar.add(.init(name: bytes, type: "0"))
            tar.add(.init(name: Array("x".utf8), type: "0", pax: [("path", bytes + [0x63])]))
            tar.add(.init(name: Array("y".utf8), type: "0", pax: [("path", Array(unicode.utf8))]))
            tar.add(.init(name: Array(decomposed.utf8), type: "0"))
            tar.file("./dot/./file")
            tar.file("/absolute//file")
        }.finished
        let layer = try await scratch.add(tar)
        let root = scratch.store.layerPath(layer)
        for name in ["p/\(long)", "g/\(long)", unicode, decomposed, "dot/file", "absolute/file"] {
            #expect(status(root.appending(name)) != nil, "\(name)")
        }
        for name in [bytes, bytes + [0x63]] {
            let path = root.string + "/"
            let found =
                Array(path.utf8).map { CChar(bitPattern: $0) }
                + name.map { CChar(bitPattern: $0) } + [0]
            var status = stat()
            #expect(lstat(found, &status) == 0)
        }
    }

    @Test("makes whiteouts overlay's own, of lower layers only")
    func whiteouts() async throws {
        let scratch = try Scratch()
        let tar = TestTar { tar in
            tar.file(".wh.gone")
            tar.file("kept")
            tar.file(".wh.kept")
            tar.folder("dir")
            tar.file("dir/.wh..wh..opq")
            tar.file("dir/new")
            tar.folder("again")
            tar.file("again/mine")
            tar.file(".wh.again")
            tar.file(".wh.first")
            tar.folder("first")
            tar.file(".wh.second")
            tar.file("second/file")
            tar.file("third")
            tar.folder("third")
            tar.file(".wh..wh.plnk/1.2")
            tar.file(".wh..wh.aufs")
        }.finished
        let layer = try await scratch.add(tar)
        func isWhiteout(_ name: String) -> Bool {
            guard let status = status(scratch.file(name, of: layer)) else { return false }
            return status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
        }
        func isOpaque(_ name: String) throws -> Bool {
            let folder = SharedFD(try openFile(scratch.file(name, of: layer), O_RDONLY))
            return try folder.extendedAttributeNames(subject: "").contains("trusted.overlay.opaque")
        }
        #expect(isWhiteout("gone"))
        #expect(status(scratch.file("kept", of: layer))?.st_mode == S_IFREG | 0o644)
        for name in ["dir", "again", "first", "second", "third"] {
            #expect(try isOpaque(name), "\(name)")
        }
        #expect(status(scratch.file("again/mine", of: layer)) != nil)
        #expect(status(scratch.file("second/file", of: layer)) != nil)
        let names = try scratch.store.folderEntries(scratch.store.layerPath(layer)).sorted()
        #expect(names == ["again", "dir", "first", "gone", "kept", "second", "third"])
    }

    @Test("lets the last of equal names win")
    func replacement() async throws {
        let scratch = try Scratch()
        let tar = TestTar { tar in
            tar.file("a", "first")
            tar.file("a", "second")
            tar.folder("b", mode: 0o700)
            tar.folder("b/deep")
            tar.file("b/deep/file")
            tar.file("b", "file now")
            tar.folder("c", mode: 0o700)
            tar.file("c/stays")
            tar.folder("c", mode: 0o711)
            tar.link("d", to: "a")
            tar.file("d", "not through the link")
        }.finished
        let layer = try await scratch.add(tar)
        func text(_ name: String) throws -> String {
            String(
                decoding: try readFile(scratch.file(name, of: layer), limit: 100),
                as: UTF8.self
            )
        }
        #expect(try text("a") == "second")
        #expect(try text("b") == "file now")
        #expect(try text("d") == "not through the link")
        #expect(status(scratch.file("c", of: layer))?.st_mode == S_IFDIR | 0o711)
        #expect(status(scratch.file("c/stays", of: layer)) != nil)
    }

    @Test("goes through links inside the layer, as if it were the root")
    func links() async throws {
        let scratch = try Scratch()
        let tar = TestTar { tar in
            tar.folder("usr")
            tar.folder("usr/bin")
            tar.link("bin", to: "usr/bin")
            tar.file("bin/tool", "here")
            tar.folder("tmp")
            tar.link("outside", to: "/tmp")
            tar.file("outside/file", "inside after all")
            tar.link("up", to: "../../../../..")
            tar.file("up/top", "in the root")
        }.finished
        let layer = try await scratch.add(tar)
        for name in ["usr/bin/tool", "tmp/file", "top"] {
            #expect(status(scratch.file(name, of: layer)) != nil, "\(name)")
        }
        #expect(status("/tmp/file") == nil)
        try scratch.expectCanary()
    }

    @Test("keeps the holes of sparse files")
    func sparse() async throws {
        let scratch = try Scratch()
        // GNU sparse 1.0: the map stands in front of the data.
        let map = Array("1\n1048576\n5\n".utf8)
        let content = map + [UInt8](repeating: 0, count: 512 - map.count) + Array("hello".utf8)
        let tar = TestTar { tar in
            tar.add(
                .init(
                    name: Array("GNUSparseFile.0/sparse".utf8),
                    type: "0",
                    content: content,
                    pax: [
                        ("GNU.sparse.major", Array("1".utf8)),
                        ("GNU.sparse.minor", Array("0".utf8)),
                        ("GNU.sparse.name", Array("sparse".utf8)),
                        ("GNU.sparse.realsize", Array("2097152".utf8)),
                    ]
                )
            )
        }.finished
        let layer = try await scratch.add(tar)
        let file = try #require(status(scratch.file("sparse", of: layer)))
        #expect(file.st_size == 2_097_152)
        #expect(file.st_blocks < 100)
    }

    @Test("does not need the end mark, nor anything in the archive", arguments: [[], [0, 0]])
    func ends(blocks: [UInt8]) async throws {
        let scratch = try Scratch()
        let empty = [UInt8](repeating: 0, count: blocks.count * 512)
        let layer = try await scratch.add(empty)
        #expect(try scratch.store.folderEntries(scratch.store.layerPath(layer)) == [])
        var tar = TestTar()
        tar.file("x", "1")
        #expect(status(scratch.file("x", of: try await scratch.add(tar.bytes))) != nil)
    }
}
