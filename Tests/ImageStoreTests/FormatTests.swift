import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// What other tars write: GNU's, Schilling's, libarchive's, those from before POSIX.
@Suite("Formats of tar", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct FormatTests {
    private static let gnu = [(offset: 257, bytes: Array("ustar  \0".utf8))]

    /// Eleven digits and a NUL.
    private static func octal(_ value: Int) -> [UInt8] {
        let digits = String(value, radix: 8)
        return Array((String(repeating: "0", count: 11 - digits.count) + digits).utf8) + [0]
    }

    private func unpack(_ body: (inout TestTar) -> Void) async throws -> (Scratch, Digest) {
        let scratch = try Scratch()
        let layer = try await scratch.add(TestTar(body).finished)
        return (scratch, layer)
    }

    private func expectSparse(_ scratch: Scratch, _ layer: Digest) throws {
        let path = scratch.file("sparse", of: layer)
        let content = try readFile(path, limit: 1 << 22)
        #expect(content.count == 1_000_000)
        #expect(content[0..<4] == Array("head".utf8)[...])
        #expect(content[500_000..<500_004] == Array("body".utf8)[...])
        #expect(content.count { $0 != 0 } == 8)
        #expect(try #require(status(path)).st_blocks < 100)
    }

    @Test("GNU's first sparse files have their map in the header")
    func oldSparse() async throws {
        let map = [(386, 0), (398, 4), (410, 500_000), (422, 4), (483, 1_000_000)]
        let patches = map.map { (offset: $0, bytes: Self.octal($1)) }
        let (scratch, layer) = try await unpack { tar in
            tar.add(
                .init(
                    name: Array("sparse".utf8),
                    type: "S",
                    content: Array("headbody".utf8),
                    patches: Self.gnu + patches
                )
            )
            tar.file("after", "next")
        }
        try expectSparse(scratch, layer)
        #expect(try readFile(scratch.file("after", of: layer), limit: 9) == Array("next".utf8))
    }

    @Test("and go on in blocks behind it")
    func longSparse() async throws {
        var patches = Self.gnu
        for index in 0..<4 {
            patches.append((386 + index * 24, Self.octal(index * 4096)))
            patches.append((398 + index * 24, Self.octal(1)))
        }
        patches.append((482, [1]))
        patches.append((483, Self.octal(100_000)))
        let (scratch, layer) = try await unpack { tar in
            tar.add(.init(name: Array("sparse".utf8), type: "S", size: 6, patches: patches))
            var more = [UInt8](repeating: 0, count: 512)
            more.replaceSubrange(0..<12, with: Self.octal(16_384))
            more.replaceSubrange(12..<24, with: Self.octal(1))
            more.replaceSubrange(24..<36, with: Self.octal(90_000))
            more.replaceSubrange(36..<48, with: Self.octal(1))
            tar.raw(more + Array("abcdef".utf8) + [UInt8](repeating: 0, count: 506))
        }
        let content = try readFile(scratch.file("sparse", of: layer), limit: 1 << 20)
        #expect(content.count == 100_000)
        #expect(content[16_384] == UInt8(ascii: "e"))
        #expect(content[90_000] == UInt8(ascii: "f"))
    }

    @Test(
        "the sparse files of PAX list their pieces one by one, or all at once",
        arguments: [
            [
                ("GNU.sparse.size", "1000000"), ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.offset", "0"), ("GNU.sparse.numbytes", "4"),
                ("GNU.sparse.offset", "500000"), ("GNU.sparse.numbytes", "4"),
                ("GNU.sparse.name", "sparse"),
            ],
            [
                ("GNU.sparse.size", "1000000"), ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.map", "0,4,500000,4"), ("GNU.sparse.name", "sparse"),
            ],
        ]
    )
    func paxSparse(records: [(String, String)]) async throws {
        let (scratch, layer) = try await unpack { tar in
            tar.add(
                .init(
                    name: Array("GNUSparseFile.1/sparse".utf8),
                    type: "0",
                    content: Array("headbody".utf8),
                    pax: records.map { ($0.0, Array($0.1.utf8)) }
                )
            )
        }
        try expectSparse(scratch, layer)
    }

    @Test("long targets of links, GNU's and PAX'")
    func longLinks() async throws {
        let target = String(repeating: "directory/", count: 30) + "file"
        let (scratch, layer) = try await unpack { tar in
            let content = Array(target.utf8) + [0]
            tar.add(.init(name: Array("././@LongLink".utf8), type: "K", content: content))
            tar.link("gnu", to: "short")
            tar.add(
                .init(
                    name: Array("pax".utf8),
                    type: "2",
                    pax: [("linkpath", Array(target.utf8))]
                )
            )
        }
        for name in ["gnu", "pax"] {
            var buffer = [CChar](repeating: 0, count: 4096)
            let path = scratch.file(name, of: layer).string
            let count = readlink(path, &buffer, buffer.count)
            #expect(buffer[..<count].map { UInt8(bitPattern: $0) } == Array(target.utf8))
        }
    }

    @Test("numbers in base 256, of size, owner and time before 1970")
    func binaryNumbers() async throws {
        let (scratch, layer) = try await unpack { tar in
            tar.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    content: Array("12345".utf8),
                    patches: [
                        (124, [0x80] + [UInt8](repeating: 0, count: 10) + [5]),
                        (108, [0x80, 0, 0, 0, 0xb2, 0xd0, 0x5e, 0x00]),
                        (136, [UInt8](repeating: 0xff, count: 11) + [0xfe]),
                    ]
                )
            )
        }
        let file = try #require(status(scratch.file("x", of: layer)))
        #expect(file.st_size == 5)
        #expect(file.st_uid == 3_000_000_000)
        #expect(file.st_mtim.tv_sec == -2)
    }

    @Test("records of PAX for one entry stand over those for all")
    func records() async throws {
        let (scratch, layer) = try await unpack { tar in
            let all =
                TestTar.record("uid", Array("7".utf8)) + TestTar.record("gid", Array("8".utf8))
            tar.add(.init(name: Array("g".utf8), type: "g", content: all))
            tar.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    pax: [("uid", Array("9".utf8)), ("mtime", Array("-1.25".utf8))]
                )
            )
            tar.file("y")
        }
        let first = try #require(status(scratch.file("x", of: layer)))
        #expect((first.st_uid, first.st_gid) == (9, 8))
        #expect(first.st_mtim.tv_sec == -2 && first.st_mtim.tv_nsec == 750_000_000)
        let second = try #require(status(scratch.file("y", of: layer)))
        #expect((second.st_uid, second.st_gid) == (7, 8))
    }

    @Test("attributes as libarchive writes them")
    func attributes() async throws {
        let (scratch, layer) = try await unpack { tar in
            tar.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    pax: [
                        ("LIBARCHIVE.xattr.user.one%20two", Array("aGVsbG8".utf8)),
                        ("LIBARCHIVE.xattr.trusted.overlay.opaque", Array("eQ".utf8)),
                        ("LIBARCHIVE.xattr.trusted.other", Array("eQ".utf8)),
                    ]
                )
            )
        }
        let file = SharedFD(try openFile(scratch.file("x", of: layer), O_RDONLY))
        #expect(try file.extendedAttributeNames(subject: "") == ["user.one two"])
        #expect(
            try file.extendedAttribute("user.one two", subject: "") == Array("hello".utf8)
        )
    }

    @Test("from before POSIX: directories by their slash, no prefix, no devices")
    func oldest() async throws {
        let (scratch, layer) = try await unpack { tar in
            let none = [(offset: 257, bytes: [UInt8](repeating: 0, count: 8))]
            let nul: Character = "\0"
            tar.add(.init(name: Array("d/".utf8), type: nul, mode: 0o750, patches: none))
            tar.add(.init(name: Array("d/f".utf8), type: nul, content: [1], patches: none))
        }
        #expect(status(scratch.file("d", of: layer))?.st_mode == S_IFDIR | 0o750)
        #expect(status(scratch.file("d/f", of: layer))?.st_size == 1)
    }

    @Test("times of directories stay, in whatever order they are filled")
    func directoryTimes() async throws {
        let (scratch, layer) = try await unpack { tar in
            tar.folder("a")
            tar.folder("b")
            tar.link("c", to: "a")
            for index in 0..<100 {
                tar.file("a/\(index)")
                tar.file("b/\(index)")
                tar.file("c/through-\(index)")
                tar.folder("a/dir-\(index)")
                tar.file("a/dir-\(index)/file")
            }
            tar.file("a/0", "again")
            tar.folder("./")
        }
        for name in ["a", "b", "a/dir-7", "a/dir-99", "."] {
            let found = status(scratch.file(name, of: layer))
            #expect(found?.st_mtim.tv_sec == 1_700_000_000, "\(name)")
        }
    }

    @Test("that look like something compressed by their first name are tars")
    func misleading() async throws {
        let (scratch, layer) = try await unpack { $0.file("BZh91AY") }
        #expect(status(scratch.file("BZh91AY", of: layer)) != nil)
    }
}
