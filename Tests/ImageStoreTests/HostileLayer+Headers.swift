extension HostileLayer {
    static let headers: [HostileLayer] = [
        .init("an owner that is none", "not a valid id") {
            $0.add(
                .init(
                    name: Array("x".utf8),
                    type: "0",
                    pax: [("uid", Array("4294967295".utf8))]
                )
            )
        },
        .init("a size that the archive does not have", "truncated") {
            $0.add(.init(name: Array("x".utf8), type: "0", size: 1 << 20))
        },
        .init("a wrong checksum", "at byte 512 of the tar: the header's checksum is") {
            $0.folder("d")
            $0.add(.init(name: Array("x".utf8), type: "0", checksumError: 1))
        },
        .init("a size below zero", "the size is negative") {
            $0.add(.patched(124, [UInt8](repeating: 0xff, count: 12)))
        },
        .init("a size beyond all numbers", "the size is too large") {
            $0.add(.patched(124, [0x80] + [UInt8](repeating: 0xff, count: 11)))
        },
        .init("a size that is no number", "the size is not a number") {
            $0.add(.patched(124, Array("apples".utf8)))
        },
        .init("a size of eight exabytes", "its files") {
            $0.add(.patched(124, [0x80, 0, 0, 0, 0x70] + [UInt8](repeating: 0, count: 7)))
        },
        .init("an owner below zero", "not a valid id") {
            $0.add(.patched(108, [UInt8](repeating: 0xff, count: 8)))
        },
        .init("a device beyond all numbers", "not a valid device number") {
            $0.add(
                .init(
                    name: Array("x".utf8),
                    type: "3",
                    patches: [(329, [0x80, 0, 0, 1, 0, 0, 0, 0])]
                )
            )
        },
        .init("zeros in the middle", "a block of zeros that ends nothing") {
            $0.file("a")
            $0.raw([UInt8](repeating: 0, count: 512))
            $0.file("b")
        },
        .init("text for a header", "at byte 0 of the tar: the checksum is not a number") {
            $0.raw([UInt8](repeating: 0x61, count: 512))
        },
    ]

    static let extensions: [HostileLayer] = [
        .init("a PAX header of 2 MiB", "more than 1 MiB is refused") {
            let value = [UInt8](repeating: 0x61, count: 2 << 20)
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [("comment", value)]))
        },
        .init("a GNU name of 2 MiB", "more than 1 MiB is refused") {
            $0.add(.init(name: [UInt8](repeating: 0x61, count: 2 << 20), type: "0", isGNU: true))
        },
        .init("a PAX header of eight exabytes", "more than 1 MiB is refused") {
            $0.add(
                .patched(124, [0x80, 0, 0, 0, 0x70] + [UInt8](repeating: 0, count: 7), type: "x")
            )
        },
        .init("a PAX record that is longer than the header", "record of the extended header") {
            $0.add(.init(name: Array("x".utf8), type: "x", content: Array("99 path=x\n".utf8)))
        },
        .init("a PAX record without a length", "record of the extended header") {
            $0.add(.init(name: Array("x".utf8), type: "x", content: Array("path=x\n".utf8)))
        },
        .init("a PAX size below zero", "size of the extended header is \"-5\"") {
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [("size", Array("-5".utf8))]))
        },
        .init("a PAX time that is none", "not a time") {
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [("mtime", Array("now".utf8))]))
        },
        .init("an attribute that is not base 64", "not base 64") {
            let record = (key: "LIBARCHIVE.xattr.user.x", value: Array("*!".utf8))
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [record]))
        },
        .init("an attribute of 100 kB", "setxattr") {
            let record = (key: "SCHILY.xattr.user.x", value: [UInt8](repeating: 1, count: 100_000))
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [record]))
        },
        .init("extended headers without end", "extended headers without end") {
            let record = TestTar.record("comment", Array("again".utf8))
            for _ in 0..<1001 { $0.add(.init(name: Array("x".utf8), type: "x", content: record)) }
        },
        .init("global records without end", "more than 1 MiB of records") {
            let record = TestTar.record("comment", [UInt8](repeating: 0x61, count: 900_000))
            for _ in 0..<2 { $0.add(.init(name: Array("x".utf8), type: "g", content: record)) }
        },
        .init("an extended header of nothing", "ends after an extended header") {
            let record = TestTar.record("path", Array("x".utf8))
            $0.add(.init(name: Array("x".utf8), type: "x", content: record))
        },
    ]

    static let sparse: [HostileLayer] = [
        .init("a hole of eight exabytes", "its files") {
            $0.sparse(map: "0\n", size: 8_000_000_000_000_000_000)
        },
        .init("two holes that overflow", "its files") {
            $0.sparse(map: "0\n", size: 200_000_000)
            $0.sparse(map: "0\n", size: .max)
        },
        .init("sparse pieces that overlap", "makes no sense") {
            $0.sparse(map: "2\n0\n4\n2\n4\n", size: 100, content: "12345678")
        },
        .init("a sparse piece behind the end", "makes no sense") {
            $0.sparse(map: "1\n100\n4\n", size: 100, content: "1234")
        },
        .init("sparse pieces that are not there", "the archive 4") {
            $0.sparse(map: "1\n0\n50\n", size: 100, content: "1234")
        },
        .init("a sparse map without end", "has no end") {
            $0.sparse(map: "99999999\n", size: 100)
        },
        .init("a sparse map that is cut", "is cut") {
            $0.sparse(map: "5\n0\n1\n", size: 100)
        },
        .init("a sparse map of words", "makes no sense") {
            $0.sparse(map: "two\n", size: 100)
        },
    ]
}

extension TestTar.Entry {
    /// An entry `x` with bytes of its header changed.
    static func patched(_ offset: Int, _ bytes: [UInt8], type: Character = "0") -> Self {
        Self(name: Array("x".utf8), type: type, patches: [(offset, bytes)])
    }
}

extension TestTar {
    /// A sparse file in GNU's newest form: its map stands in front of the content.
    mutating func sparse(
        map: String,
        size: Int64,
        name: String = "sparse",
        content: String = ""
    ) {
        let map = Array(map.utf8)
        let padded = map + [UInt8](repeating: 0, count: 512 - map.count)
        add(
            Entry(
                name: Array("x".utf8),
                type: "0",
                content: padded + Array(content.utf8),
                pax: [
                    ("GNU.sparse.major", Array("1".utf8)), ("GNU.sparse.minor", Array("0".utf8)),
                    ("GNU.sparse.name", Array(name.utf8)),
                    ("GNU.sparse.realsize", Array("\(size)".utf8)),
                ]
            )
        )
    }
}
