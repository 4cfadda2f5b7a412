import ContainerRuntime
import Foundation
import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A state folder, an image of busybox and a runtime of a test's own; everything in it is gone
/// with the object.
final class ContainerBench: Sendable {
    let root: FilePath
    let runtime: ContainerRuntime
    /// The image's only layer, free to be made hostile before a container starts.
    let layer: FilePath
    /// Every container that was given a place here.
    private let started = Mutex<Set<ContainerID>>([])

    /// Makes one, or uses that of another process.
    init(at path: FilePath? = nil) throws {
        let name = "berth-test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        root = path ?? FilePath("/tmp").appending(name)
        try makeDirectories(root)
        runtime = try ContainerRuntime(keeper: FilePath(Products.keeper), root: root)
        layer = root.appending("image")
        if path == nil { try makeBusyboxTree(at: layer, applets: Self.applets) }
        try makeDirectories(layer.appending("etc"), mode: 0o755)
        try write(
            "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n",
            to: "etc/passwd"
        )
        try write("root:x:0:\nweb:x:1000:\nextra:x:2000:web\n", to: "etc/group")
    }

    /// Nothing of a container may be left: no mount, no process, no cgroup.
    deinit {
        do {
            let mounts = try MountInfo.current().filter { $0.mountPoint.hasPrefix(root.string) }
            #expect(mounts.isEmpty)
            #expect(try Cgroups.detect(root: root).entries().isEmpty)
            try removeTree(root)
        } catch {
            Issue.record(error)
        }
    }

    /// The cgroups that containers of this bench have.
    func groups() throws -> [CgroupEntry] {
        let ids = started.withLock { $0 }
        return try Cgroups.detect(root: root).entries().filter { entry in
            entry.container.map(ids.contains) == true
        }
    }

    private static let applets = [
        "sh", "echo", "cat", "ls", "id", "sleep", "true", "false", "env", "kill", "pwd", "grep",
        "mount", "mkdir", "touch", "readlink", "stat", "yes", "head", "seq", "ps", "mknod", "chmod",
        "wc", "printf", "dd", "ln", "test", "hostname", "tr", "sort", "rm", "setsid", "ulimit",
        "unshare", "date", "usleep", "od", "chown", "find", "basename", "trap", "umask", "stty",
        "tail", "cut", "df",
    ]

    /// Writes a file of the image.
    func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        try atomicWrite(
            Array(text.utf8),
            to: layer.appending(path),
            mode: mode,
            synced: false
        )
    }

    func spec(_ arguments: [String]) throws -> ContainerSpec {
        let digest = try #require(
            Digest("sha256:" + String(repeating: "0", count: 64))
        )
        return ContainerSpec(
            image: digest,
            imageName: "test",
            process: ProcessSpec(arguments: arguments)
        )
    }

    func shell(_ script: String) throws -> ContainerSpec { try spec(["/bin/sh", "-c", script]) }

    func placement() -> Placement {
        let id = ContainerID.random()
        started.withLock { _ = $0.insert(id) }
        return Placement(
            id: id,
            name: "bench-\(id.short)",
            directory: root.appending("containers").appending(id.text),
            layers: [layer],
            hosts: "127.0.0.1 localhost\n",
            resolvConf: "nameserver 127.0.0.11\n",
            cgroupParent: "test"
        )
    }

    /// Runs to the end.
    func run(
        _ spec: ContainerSpec,
        at placement: Placement? = nil
    ) async throws -> (record: ExitRecord, output: String, errors: String) {
        let placement = placement ?? self.placement()
        let created = try await runtime.create(spec, at: placement)
        let record = try await created.start().wait()
        let log = try entries(placement)
        return (
            record, log.filter { $0.stream == "stdout" }.map(\.log).joined(),
            log.filter { $0.stream == "stderr" }.map(\.log).joined()
        )
    }

    /// Runs a script in a running container, both of its streams in one.
    func exec(
        _ script: String,
        user: String = "",
        in running: RunningContainer,
        of spec: ContainerSpec
    ) async throws -> (code: Int32, output: String) {
        var process = ProcessSpec(arguments: ["/bin/sh", "-c", script])
        process.user = user
        return try await exec(process, in: running, of: spec)
    }

    /// Runs a program in a running container, both of its streams in one.
    func exec(
        _ process: ProcessSpec,
        in running: RunningContainer,
        of spec: ContainerSpec
    ) async throws -> (code: Int32, output: String) {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let started: ExecProcess
        do {
            let writer = SharedFD(pipe.takeWriter())
            started = try await runtime.exec(
                process,
                in: running,
                of: spec,
                stdio: ExecStdio(output: writer, error: writer)
            )
        }
        let code = try await started.wait()
        var bytes: [UInt8] = []
        while case let more = try await reader.read(upTo: 4096), !more.isEmpty { bytes += more }
        return (code, String(decoding: bytes, as: UTF8.self))
    }

    struct Entry: Decodable {
        var log: String
        var stream: String
        var time: String
    }

    /// All log entries, oldest first.
    func entries(_ placement: Placement) throws -> [Entry] { try entries(placement.directory) }

    func entries(_ container: RunningContainer) throws -> [Entry] {
        try entries(container.directory)
    }

    private func entries(_ directory: FilePath) throws -> [Entry] {
        let folder = ContainerFolder(directory).logs
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
        let numbers = names.compactMap { Int($0.split(separator: ".").last ?? "") }.sorted(by: >)
        let files = numbers.map { "container.log.\($0)" } + ["container.log"]
        return try files.flatMap { name -> [Entry] in
            let bytes = try readFile(folder.appending(name), limit: 1 << 30)
            // Somebody who reads while it is written may see the beginning of an entry.
            let whole = bytes.prefix((bytes.lastIndex(of: 10) ?? -1) + 1)
            return try whole.split(separator: 10).map {
                try JSONDecoder().decode(Entry.self, from: Data($0))
            }
        }
    }
}
