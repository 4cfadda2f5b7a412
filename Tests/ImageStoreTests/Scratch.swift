import Foundation
import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import ImageStore

/// Where stores are tried: the disk under /tmp and, where there is one, memory.
let fileSystems: [String] = ["/tmp", "/dev/shm"].filter { access($0, W_OK) == 0 }

/// A store in a folder of its own, with a canary beside it that nothing may touch. Removed at the
/// end.
final class Scratch: Sendable {
    let path: FilePath
    let store: ImageStore

    init(on fileSystem: String = "/tmp", unpacking: Unpacking = .inProcess) throws {
        let name = "berth-store-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        path = FilePath(fileSystem).appending(name)
        try makeDirectories(path)
        store = try ImageStore(root: path.appending("store"), unpacking: unpacking)
        try atomicWrite(Array("canary".utf8), to: canary)
    }

    deinit {
        do { try removeTree(path) } catch { Issue.record("\(path) is left: \(error)") }
    }

    var canary: FilePath { path.appending("canary") }

    func expectCanary(_ location: SourceLocation = #_sourceLocation) throws {
        #expect(
            try readFile(canary, limit: 100) == Array("canary".utf8),
            sourceLocation: location
        )
        #expect(status(canary)?.st_nlink == 1, sourceLocation: location)
    }

    /// No blob, no layer, nothing half done.
    func expectEmpty(_ location: SourceLocation = #_sourceLocation) throws {
        #expect(try store.storedBlobs() == [], sourceLocation: location)
        #expect(try store.storedLayers() == [], sourceLocation: location)
        // A lock's file harms nobody: who ended suddenly leaves it, and a thread that ends keeps it
        // for a moment.
        let left = try store.folderEntries(store.staging).filter { !$0.hasSuffix(".lock") }
        #expect(left == [], sourceLocation: location)
    }

    /// Brings a layer in from bytes at hand.
    @discardableResult
    func add(
        _ blob: [UInt8],
        tar: [UInt8]? = nil,
        limits: UnpackLimits = UnpackLimits(),
        descriptor: Descriptor? = nil,
        diffID: Digest? = nil
    ) async throws -> Digest {
        let diffID = diffID ?? .of(tar ?? blob)
        let descriptor = descriptor ?? Descriptor(mediaType: MediaType.ociLayerGzip, of: blob)
        let lease = try await store.lease(descriptor, diffID: diffID)
        try lease.complete(from: BytesSource(blob), limits: limits)
        return diffID
    }

    func file(_ name: String, of layer: Digest) -> FilePath {
        store.layerPath(layer).appending(name)
    }
}

/// The confined unpacker, in a program that is built beside the tests.
enum Tester {
    static let program = FilePath(Products.path("unpack-tester"))

    static let confined = Unpacking.confined(
        UnpackerProgram(path: program, arguments: ["unpack-tester", "unpack"])
    )
}

/// Bytes at hand as a source, in pieces of an odd size; may fail after some of them.
final class BytesSource: ByteSource {
    struct Cut: Error {}

    private let bytes: [UInt8]
    private let cutAfter: Int
    private let position = Mutex(0)

    init(_ bytes: [UInt8], cutAfter: Int = .max) {
        self.bytes = bytes
        self.cutAfter = cutAfter
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try position.withLock { position in
            guard position < cutAfter else { throw Cut() }
            let count = min(buffer.count, bytes.count - position, cutAfter - position, 10_007)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }
}

func status(_ path: FilePath) -> stat? {
    var status = stat()
    return path.withPlatformString { lstat($0, &status) } == 0 ? status : nil
}

/// Compresses with a program of the machine.
func compressed(_ bytes: [UInt8], with program: String) throws -> [UInt8] {
    let folder = FilePath(
        "/tmp/berth-filter-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    )
    try makeDirectories(folder)
    defer {
        // A stray file in /tmp would fail no test.
        try? removeTree(folder)
    }
    let input = folder.appending("input")
    try atomicWrite(bytes, to: input, synced: false)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program, "-c", "-q", input.string]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let result = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return [UInt8](result)
}
