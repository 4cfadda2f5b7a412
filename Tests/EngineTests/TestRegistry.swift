import Foundation
import Glibc
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Debian's docker-registry on a free port of loopback, with its storage in a test's folder.
final class TestRegistry: Sendable {
    let storage: FilePath
    /// `127.0.0.1:40001`.
    let authority: String
    private let process: Mutex<Process>
    /// What it has written of the requests it answered.
    private let accesses: AccessLog

    init(in scratch: Scratch) throws {
        storage = scratch("registry")
        let configuration = DebianRegistry.configuration(
            storage: storage.string,
            address: "127.0.0.1:0"
        )
        try scratch.write(configuration, to: "registry.yml")
        let process = Process()
        process.executableURL = URL(filePath: DebianRegistry.executable)
        process.arguments = ["serve", scratch("registry.yml").string]
        process.environment = DebianRegistry.environment
        let output = Pipe()
        process.standardError = output
        let accesses = AccessLog()
        process.standardOutput = accesses.pipe
        try process.run()
        accesses.begin()
        self.accesses = accesses
        authority = try Self.address(in: output.fileHandleForReading)
        self.process = Mutex(process)
    }

    deinit { stop() }

    func stop() {
        process.withLock { process in
            guard process.isRunning else { return }
            process.terminate()
            process.waitUntilExit()
        }
    }

    /// Every request of its life, `GET /v2/app/manifests/1`. Ends the registry, so that none is
    /// missing.
    func allRequests() -> [String] {
        stop()
        return DebianRegistry.requests(in: accesses.whole())
    }

    /// Collects what comes through a pipe until its end.
    private final class AccessLog: Sendable {
        let pipe = Pipe()
        private let text = Mutex("")
        private let ended = DispatchSemaphore(value: 0)

        func begin() {
            pipe.fileHandleForReading.readabilityHandler = { [self] handle in
                let bytes = handle.availableData
                guard !bytes.isEmpty else {
                    handle.readabilityHandler = nil
                    ended.signal()
                    return
                }
                text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            }
        }

        /// All of it, once the writer has ended.
        func whole() -> String {
            ended.wait()
            ended.signal()
            return text.withLock { $0 }
        }
    }

    /// Reads the log until it says where the registry listens; the rest is read and forgotten, so
    /// that the registry never waits for us.
    private static func address(in log: FileHandle) throws -> String {
        var text = ""
        while true {
            let bytes = log.availableData
            try #require(!bytes.isEmpty, "the registry did not start: \(text)")
            text += String(decoding: bytes, as: UTF8.self)
            if let match = text.firstMatch(of: /listening on (127\.0\.0\.1:[0-9]+)/) {
                log.readabilityHandler = { handle in
                    if handle.availableData.isEmpty { handle.readabilityHandler = nil }
                }
                return String(match.1)
            }
        }
    }

    /// Pushes an image from an OCI layout with skopeo.
    func push(_ layout: FilePath, as name: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = DebianRegistry.pushing(layout.string, as: "\(authority)/\(name)")
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// An image made from directories, as an OCI layout.
struct TestLayout {
    let path: FilePath
    private(set) var manifest: Manifest
    private(set) var configuration: ImageConfiguration
    private(set) var document: [UInt8] = []

    /// Each layer is a list of files and their content; `programs` compress them, "" does not.
    init(
        at path: FilePath,
        layers: [[(name: String, content: String)]],
        programs: [String]
    ) throws {
        self.path = path
        let store = try ImageStore(root: path.appending("store"))
        try makeDirectories(path.appending("blobs/sha256"))
        configuration = ImageConfiguration()
        configuration.config.command = ["/bin/app"]
        var descriptors: [Descriptor] = []
        for (index, files) in layers.enumerated() {
            let upper = path.appending("upper-\(index)")
            try makeDirectories(upper, mode: 0o755)
            for file in files {
                let file = (path: upper.appending(file.name), content: file.content)
                try makeDirectories(file.path.removingLastComponent(), mode: 0o755)
                try atomicWrite(Array(file.content.utf8), to: file.path, mode: 0o644, synced: false)
            }
            let (diffID, _) = try store.adoptLayer(upper)
            let plain = path.appending("plain")
            let tar = try openFile(plain, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            let shared = SharedFD(tar)
            _ = try store.writeTar(of: diffID) { bytes in
                try shared.duplicate().writeAll([UInt8](bytes))
            }
            let blob = try Self.compressed(plain, with: programs[index])
            configuration.diffIDs.append(diffID)
            let types = ["gzip": MediaType.ociLayerGzip, "zstd": MediaType.ociLayerZstd]
            descriptors.append(
                Descriptor(mediaType: types[programs[index]] ?? MediaType.ociLayer, of: blob)
            )
            try Self.write(blob, beneath: path)
        }
        let bytes = try OCIJSON.encode(configuration)
        try Self.write(bytes, beneath: path)
        manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
            layers: descriptors
        )
        document = try OCIJSON.encode(manifest)
        try Self.write(document, beneath: path)
        let index = ImageIndex(manifests: [
            Descriptor(mediaType: MediaType.ociManifest, of: document)
        ])
        try atomicWrite(try OCIJSON.encode(index), to: path.appending("index.json"))
        let version = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
        try atomicWrite(version, to: path.appending("oci-layout"))
    }

    private static func write(_ blob: [UInt8], beneath path: FilePath) throws {
        try atomicWrite(blob, to: path.appending("blobs/sha256/\(Digest.of(blob).hex)"))
    }

    /// A file as a program compresses it.
    static func compressed(_ file: FilePath, with program: String) throws -> [UInt8] {
        guard !program.isEmpty else { return try readFile(file, limit: 1 << 30) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program, "-c", "-q", file.string]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return [UInt8](bytes)
    }
}
