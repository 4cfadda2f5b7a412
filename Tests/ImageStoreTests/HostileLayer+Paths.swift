extension HostileLayer {
    static let paths: [HostileLayer] = [
        .init("a name that goes up", "would leave the layer") { $0.file("../canary", "x") },
        .init("a name that goes up later", "would leave the layer") { $0.file("a/../../canary") },
        .init("a name that goes up and stays", "would leave the layer") { $0.file("a/../b") },
        .init("a directory that goes up", "would leave the layer") { $0.folder("..") },
        .init("an absolute name that goes up", "would leave the layer") { $0.file("/../canary") },
        .init("a PAX name that goes up", "would leave the layer") {
            $0.add(
                .init(
                    name: Array("harmless".utf8),
                    type: "0",
                    pax: [("path", Array("x/../../canary".utf8))]
                )
            )
        },
        .init("a GNU name that goes up", "would leave the layer") {
            $0.add(.init(name: Array("../../canary".utf8), type: "0", isGNU: true))
        },
        .init("a name of 5000 bytes", "longer than 4096") {
            let name = String(repeating: "d/", count: 2500)
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("a component of 256 bytes", "File name too long") {
            let name = String(repeating: "n", count: 256)
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("nesting of 1500 levels", "nested too deeply") {
            let name = String(repeating: "d/", count: 1500) + "f"
            $0.add(.init(name: Array(name.utf8), type: "0", isGNU: true))
        },
        .init("a PAX name with a NUL", "contains a NUL") {
            $0.add(.init(name: Array("x".utf8), type: "0", pax: [("path", [0x61, 0, 0x62])]))
        },
        .init("a sparse file's name that goes up", "would leave the layer") {
            $0.sparse(map: "0\n", size: 10, name: "../canary")
        },
        .init("no name", "has no name") { $0.add(.init(name: [], type: "0")) },
        .init("a file as the root", "only a directory") { $0.file("./") },
        .init("a link as the root", "only a directory") { $0.link("/", to: "/etc") },
        .init("a kind that layers do not hold", "layers do not hold") {
            $0.add(.init(name: Array("x".utf8), type: "Z"))
        },
    ]

    static let links: [HostileLayer] = [
        .init("a file through a link to outside", "does not contain") {
            $0.link("x", to: "/etc")
            $0.file("x/passwd", "root::0:0")
        },
        .init("a directory through a dangling link", "does not contain") {
            $0.link("x", to: "../../canary-folder")
            $0.folder("x/y")
        },
        .init("a chain of 41 links", "Too many levels of symbolic links") {
            $0.folder("l0")
            for index in 1...41 { $0.link("l\(index)", to: "l\(index - 1)") }
            $0.file("l41/file")
        },
        .init("a link to itself as parent", "Too many levels of symbolic links") {
            $0.link("x", to: "x")
            $0.file("x/file")
        },
        .init("a file as parent", "not a directory") {
            $0.file("x")
            $0.file("x/file")
        },
        .init("a hard link outside", "does not contain") { $0.hardLink("x", to: "/etc/passwd") },
        .init("a hard link upwards", "would leave the layer") {
            $0.hardLink("x", to: "../canary")
        },
        .init("a hard link through a link", "does not contain") {
            $0.link("l", to: "/etc")
            $0.hardLink("x", to: "l/passwd")
        },
        .init("a hard link to itself", "does not contain") { $0.hardLink("x", to: "x") },
        .init("a hard link to a later entry", "does not contain") {
            $0.hardLink("x", to: "y")
            $0.file("y")
        },
        .init("a hard link to a directory", "hard link to the directory") {
            $0.folder("d")
            $0.hardLink("x", to: "d")
        },
        .init("a hard link to a whiteout", "does not contain") {
            $0.file(".wh.w")
            $0.hardLink("x", to: "w")
        },
        .init("a file in a directory that became a link", "does not contain") {
            $0.folder("d")
            $0.file("d/file")
            $0.link("d", to: "/etc")
            $0.file("d/passwd", "root::0:0")
        },
        .init("a hard link through a directory that became a link", "does not contain") {
            $0.folder("d")
            $0.file("d/canary")
            $0.link("d", to: "../../../../..")
            $0.hardLink("x", to: "d/canary")
        },
        .init("a device through a link to outside", "does not contain") {
            $0.link("x", to: "../../../dev")
            $0.add(.init(name: Array("x/sda".utf8), type: "4", device: (8, 0)))
        },
        .init("a symbolic link to nothing", "symbolic link to nothing") { $0.link("x", to: "") },
        .init("a symbolic link to 5000 bytes", "File name too long") {
            let target = [UInt8](repeating: 0x61, count: 5000)
            $0.add(.init(name: Array("x".utf8), type: "2", pax: [("linkpath", target)]))
        },
        .init("a symbolic link with a NUL", "symbolic link to nothing") {
            $0.add(.init(name: Array("x".utf8), type: "2", pax: [("linkpath", [0x61, 0, 0x62])]))
        },
        .init("a hard link with a NUL", "contains a NUL") {
            $0.file("a")
            $0.add(.init(name: Array("x".utf8), type: "1", pax: [("linkpath", [0x61, 0, 0x62])]))
        },
    ]

    static let whiteouts: [HostileLayer] = [
        .init("a whiteout without a name", "whiteout of nothing") { $0.file("a/.wh.") },
        .init("a whiteout of .", "whiteout of nothing") { $0.file(".wh..") },
        .init("a whiteout of ..", "whiteout of nothing") { $0.file("a/.wh...") },
        .init("something in a whiteout", "a whiteout holds nothing") { $0.file(".wh.x/passwd") },
        .init("overlay's own device", "whiteout") {
            $0.add(.init(name: Array("x".utf8), type: "3", device: (0, 0)))
        },
        .init("a whiteout through a link to outside", "does not contain") {
            $0.link("x", to: "/etc")
            $0.file("x/.wh.passwd")
        },
        .init("an opaque mark through a link to outside", "does not contain") {
            $0.link("x", to: "../../../etc")
            $0.file("x/.wh..wh..opq")
        },
        .init("an opaque mark in a file", "not a directory") {
            $0.file("x")
            $0.file("x/.wh..wh..opq")
        },
        .init("a directory in a whiteout", "a whiteout holds nothing") { $0.folder(".wh.x/y") },
    ]
}
