import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("private mounts", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct PrivateMountTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test("forty layers are seen through a descriptor, and nowhere else")
    func overlay() throws {
        let layers = (0..<40).map { scratch("layer\($0)") }
        for (number, layer) in layers.enumerated() {
            try makeDirectories(layer)
            try scratch.write("\(number)", to: "layer\(number)/file\(number)")
            try scratch.write("\(number)", to: "layer\(number)/common")
        }
        let root = Root(SharedFD(try PrivateMount.overlay(layers)), name: "test")
        #expect(try root.readFile("common", limit: 9) == Array("0".utf8))
        #expect(try root.readFile("file39", limit: 9) == Array("39".utf8))
        #expect(throws: SyscallError.self) {
            _ = try root.open("new", O_WRONLY | O_CREAT, mode: 0o600)
        }
        #expect(try !MountInfo.current().contains { $0.mountPoint.hasPrefix(scratch.path.string) })
    }

    @Test("a missing layer is named")
    func missing() throws {
        let error = #expect(throws: SyscallError.self) {
            _ = try PrivateMount.overlay([scratch("none"), scratch.path]).release()
        }
        #expect(error?.errno == ENOENT)
        #expect(error?.subject.hasSuffix("/none") == true)
    }
}
