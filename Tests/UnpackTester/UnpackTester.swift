import Glibc
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage

/// Started by tests, with what to be as its first argument.
@main
enum UnpackTester {
    static func main() async throws {
        let arguments = CommandLine.arguments
        switch arguments[1] {
        case "unpack": ConfinedUnpacker.run(arguments[2])
        case "attack": Attack.run(canary: arguments[2])
        case "collect": try collect(FilePath(arguments[2]))
        default: try await bring(arguments)
        }
    }

    /// Says a byte, and takes everything out of a store.
    private static func collect(_ root: FilePath) throws {
        let store = try ImageStore(root: root)
        var byte: UInt8 = 0
        _ = write(1, &byte, 1)
        _ = try store.collectGarbage { StoreRoots() }
    }

    /// Brings a layer into a store, saying a byte for each piece and waiting to be told to go on:
    /// store, blob, diffID.
    private static func bring(_ arguments: [String]) async throws {
        let blob = FilePath(arguments[3])
        let bytes = try readFile(blob, limit: 1 << 30)
        guard let diffID = Digest(arguments[4]) else { exit(2) }
        let program = UnpackerProgram(
            path: FilePath(arguments[0]),
            arguments: [arguments[0], "unpack"]
        )
        let store = try ImageStore(root: FilePath(arguments[2]), unpacking: .confined(program))
        let lease = try await store.lease(
            Descriptor(mediaType: MediaType.ociLayer, of: bytes),
            diffID: diffID
        )
        do {
            if case .download(let offset) = lease.need {
                try lease.complete(from: SteppedSource(bytes, from: Int(offset)))
            } else {
                try lease.complete()
            }
        } catch {
            let line = Array("\(error)\n".utf8)
            _ = write(2, line, line.count)
            exit(1)
        }
    }
}

/// Bytes of which each piece is announced on standard output and allowed by standard input.
private final class SteppedSource: ByteSource {
    private let bytes: [UInt8]
    private let position: Mutex<Int>

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        position = Mutex(start)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var byte: UInt8 = 0
        _ = write(1, &byte, 1)
        _ = Glibc.read(0, &byte, 1)
        return position.withLock { position in
            let count = min(buffer.count, 64 << 10, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }
}
