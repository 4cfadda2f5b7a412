import Compose
import Foundation
import Testing

/// What stands at a path need not be a file.
@Suite("Local files")
struct LocalFilesTests {
    @Test("a device is not read", arguments: ["/dev/zero", "/dev/full", "/dev/urandom"])
    func devices(path: String) {
        #expect(reason(path) == "is a device, not a file")
    }

    @Test("/dev/null is empty, a folder is named one")
    func others() throws {
        #expect(try LocalFiles().read("/dev/null").isEmpty)
        #expect(reason("/") == "is a directory")
        #expect(reason("/no/such/file") == "no such file or directory")
    }

    @Test("a file of a gigabyte is refused by its size")
    func large() throws {
        let path = temporary()
        defer { unlink(path) }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        try #require(truncate(path, 1 << 30) == 0)
        #expect(reason(path) == "larger than 16 MiB")
    }

    @Test("a pipe that nothing writes into is told")
    func silentPipe() throws {
        let path = temporary()
        defer { unlink(path) }
        try #require(mkfifo(path, 0o600) == 0)
        #expect(reason(path) == "is a pipe that nothing writes into")
    }

    @Test("a file without an end is not waited for", .enabled(if: access("/proc/kmsg", R_OK) == 0))
    func endless() {
        // Whoever may open it reads what there is, and then there is nothing more.
        let words = ["has nothing to read now, and no end", "operation not permitted"]
        #expect(words.contains(reason("/proc/kmsg") ?? "an end"))
    }

    @Test("a pipe of the shell is read to its end, an empty one too", arguments: ["", "a: b\n"])
    func shellPipe(text: String) throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let bytes = Array(text.utf8)
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        #expect(try LocalFiles().read("/proc/self/fd/\(ends[0])") == bytes)
    }

    private func temporary() -> String {
        NSTemporaryDirectory() + "berth-files-\(UUID().uuidString)"
    }

    private func reason(_ path: String) -> String? {
        do {
            _ = try LocalFiles().read(path)
            return nil
        } catch {
            return error.reason
        }
    }
}
