import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB
import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite("the database")
struct RecordStoreTests {
    let scratch: Scratch
    var path: FilePath { scratch("berth.db") }

    init() throws { scratch = try Scratch() }

    @Test("is made once, by whoever comes first", .timeLimit(.minutes(1)))
    func simultaneousOpening() async throws {
        let path = path
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let store = try RecordStore(path: path)
                    return try await store.read { db in
                        try db.texts("SELECT name FROM sqlite_master WHERE type = 'table'").count
                    }
                }
            }
            for try await tables in group { #expect(tables == 15) }
        }
    }

    @Test("is refused where something else than a file has its name", arguments: ["", "-wal"])
    func otherKind(suffix: String) throws {
        if suffix != "" { _ = try RecordStore(path: path) }
        unlink("\(path)\(suffix)")
        #expect(mkfifo("\(path)\(suffix)", 0o600) == 0)
        let error = #expect(throws: EngineError.self) { try RecordStore(path: path) }
        #expect(error?.reason == "\(path)\(suffix) is not a file")
        #expect(error?.remedy != nil)
    }

    @Test("that may not grow names the limit")
    func limited() async {
        await #expect(processExitsWith: .success) { () async throws -> Void in
            let scratch = try Scratch()
            signal(SIGXFSZ, SIG_IGN)
            var low = rlimit(rlim_cur: 8 << 10, rlim_max: .max)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &low) == 0)
            let error = #expect(throws: EngineError.self) {
                try RecordStore(path: scratch("berth.db"))
            }
            #expect(error?.reason.contains("8 KiB here (`ulimit -f`)") == true)
        }
    }

    @Test("is waited for while somebody else makes it", .timeLimit(.minutes(1)))
    func openingBesideAnother() throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path.string, configuration: configuration)
        try other.inDatabase { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        let tries = Mutex(0)
        let queue = try DatabaseQueue(path: path.string)
        try queue.inDatabase { db in
            db.trace { event in
                guard "\(event)".contains("journal_mode") else { return }
                // The other is done when this one has been refused once.
                guard
                    tries.withLock({
                        $0 += 1; return $0 == 2
                    })
                else { return }
                other.inDatabase { db in
                    #expect(throws: Never.self) { try db.execute(sql: "COMMIT") }
                }
            }
            try Schema.prepare(db)
            db.trace()
        }
        #expect(tries.withLock { $0 } == 2)
        #expect(try queue.read { db in try db.texts("PRAGMA journal_mode") } == ["wal"])
    }

    @Test("is waited for in short steps, and for ten seconds")
    func waits() {
        var pauses: [UInt32] = []
        while let pause = WriterWait.microseconds(before: pauses.count) { pauses.append(pause) }
        #expect(Array(pauses.prefix(6)) == [250, 500, 1000, 2000, 4000, 5000])
        #expect(pauses.allSatisfy { $0 <= 5000 })
        #expect((10_000_000...10_010_000).contains(pauses.reduce(0, +)))
    }

    @Test("of a newer berth is refused and left as it is")
    func newer() async throws {
        do {
            let store = try RecordStore(path: path)
            try await store.write { db in try db.run("PRAGMA user_version = 999") }
        }
        let error = #expect(throws: EngineError.self) { try RecordStore(path: path) }
        #expect(error?.kind == .state)
        #expect(error?.description.contains("a newer berth has written it") == true)
    }

    @Test("of before endpoints had several addresses gives each its one")
    func endpointsWithOneAddress() async throws {
        var settings = Configuration()
        settings.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path.string, configuration: settings)
        let (container, network) = (ContainerID.random(), NetworkID.random())
        try await queue.write { db in
            for migration in Schema.migrations[..<3] { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA user_version = 3")
            try db.execute(
                sql: """
                    INSERT INTO networks
                    VALUES (?, 'net', NULL, NULL, 'bridge', 0, '10.9.0.0/24', '10.9.0.1', NULL, '{}', 1)
                    """,
                arguments: [network.text]
            )
            try db.execute(
                sql: "INSERT INTO endpoints VALUES (?, ?, 0, '10.9.0.2', '[]')",
                arguments: [container.text, network.text]
            )
        }
        try queue.close()

        let store = try RecordStore(path: path)
        func addresses() async throws -> [String] {
            try await store.read { db in
                try EndpointRecord.of(container, db).flatMap { endpoint in
                    endpoint.addresses.map { "\($0)" }
                }
            }
        }
        #expect(try await addresses() == ["10.9.0.2"])
        try await store.write { db in
            try db.run("UPDATE endpoints SET furtherAddresses = '[\"fd00::2\"]'")
        }
        #expect(try await addresses() == ["10.9.0.2", "fd00::2"])
    }

    @Test("of before volumes had options gives each none")
    func volumesWithoutOptions() async throws {
        let queue = try DatabaseQueue(path: path.string)
        try await queue.write { db in
            for migration in Schema.migrations[..<4] { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA user_version = 4")
            try db.execute(
                sql: "INSERT INTO volumes VALUES ('v', 'shop', 'data', 'local', 0, '{}', 1)"
            )
        }
        try queue.close()
        let store = try RecordStore(path: path)
        let volume = try await store.read { db in try VolumeRecord.named("v", db) }
        #expect(volume?.driverOptions == [:])
        #expect(volume?.key == "data")
    }

    @Test("of before names had manifests gives each the one of its image, and its index")
    func namesWithoutManifests() async throws {
        @Sendable func digest(_ text: String) -> Digest { .of(text.utf8) }
        let (manifest, index) = (digest("manifest"), digest("index"))
        let queue = try DatabaseQueue(path: path.string)
        try await queue.write { db in
            for migration in Schema.migrations[..<2] { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA user_version = 2")
            let layers = try ColumnJSON.text(
                [ImageRecord.Layer(diffID: digest("tar"), blob: digest("gzip"))]
            )
            for (id, manifest) in [("pulled", manifest.description), ("built", nil)] {
                try db.execute(
                    sql: "INSERT INTO images VALUES (?, ?, x'7b7d', ?, 1, 1)",
                    arguments: [digest(id).description, manifest, layers]
                )
            }
            for (name, id) in [
                ("r.example/app:1", "pulled"), ("r.example/app@\(index)", "pulled"),
                ("r.example/copy:1", "pulled"), ("r.example/copy@\(manifest)", "pulled"),
                ("r.example/made:1", "built"),
            ] {
                try db.execute(
                    sql: "INSERT INTO imageNames VALUES (?, ?, 1)",
                    arguments: [name, digest(id).description]
                )
            }
        }
        try queue.close()

        let store = try RecordStore(path: path)
        func image(_ name: String) async throws -> ImageRecord? {
            try await store.read { db in try ImageRecord.named(ImageReference(name), db) }
        }
        let byTag = try #require(try await image("r.example/app:1"))
        #expect(byTag.manifest == manifest)
        #expect(byTag.index == index)
        #expect(byTag.layers == [.init(diffID: digest("tar"), blob: digest("gzip"))])
        for name in ["r.example/app@\(index)", "r.example/copy:1"] {
            #expect(try await image(name) == byTag, "\(name)")
        }
        #expect(try await image("r.example/copy@\(manifest)")?.index == nil)
        #expect(try await image("r.example/made:1")?.manifest == nil)
        #expect(try await image("r.example/made:1")?.layers == byTag.layers)
    }

    @Test("that is damaged is refused in words")
    func damaged() throws {
        try scratch.write(String(repeating: "not a database ", count: 100), to: "berth.db")
        let error = #expect(throws: EngineError.self) { try RecordStore(path: path) }
        #expect(error?.description.contains("damaged") == true)
    }

    @Test("and its side files are nobody else's to read, an older one is closed to others")
    func mode() async throws {
        try scratch.write("", to: "old.db")
        chmod(scratch("old.db").string, 0o644)
        for name in ["berth.db", "old.db"] {
            let store = try RecordStore(path: scratch(name))
            try await store.write { db in
                try VolumeRecord(name: "v", createdAt: .now()).insert(db)
            }
            for file in [name, "\(name)-wal", "\(name)-shm"] {
                var status = stat()
                #expect(lstat(scratch(file).string, &status) == 0)
                #expect(status.st_mode & 0o777 == 0o600, "\(file)")
            }
        }
    }

    @Test(
        "on a full disk says so, can be opened, and writes down what ends",
        .tags(.root),
        .enabled(if: isRoot)
    )
    func fullDisk() async throws {
        let disk = scratch("disk")
        #expect(mkdir(disk.string, 0o700) == 0)
        try #require(mount("tmpfs", disk.string, "tmpfs", 0, "size=4m,mode=0700") == 0)
        defer { #expect(umount2(disk.string, CInt(MNT_DETACH)) == 0) }
        let path = disk.appending("berth.db")
        do {
            let store = try RecordStore(path: path)
            try await store.write { db in
                for name in 0..<500 {
                    try VolumeRecord(name: "v\(name)", createdAt: .now()).insert(db)
                }
            }
        }
        // Nobody has it open any more: SQLite needs space even to look at it.
        let filler = try FileDescriptor.open(
            disk.appending("filler"),
            .writeOnly,
            options: [.create],
            permissions: .ownerReadWrite
        )
        let kilobyte = [UInt8](repeating: 1, count: 4096)
        while (try? filler.writeAll(kilobyte)) != nil {}
        try filler.close()
        let store = try RecordStore(path: path)
        let count = try await store.read { db in try db.rows("SELECT * FROM volumes").count }
        #expect(count == 500)
        await #expect(throws: EngineError.self) {
            for name in 0..<20_000 {
                try await store.write { db in
                    try VolumeRecord(name: "more\(name)", createdAt: .now()).insert(db)
                }
            }
        }
        let error = await engineError {
            try await store.write { db in
                for name in 0..<20_000 {
                    try VolumeRecord(name: "again\(name)", createdAt: .now()).insert(db)
                }
            }
        }
        #expect(error?.reason == "no space left on the device")
        for name in 0..<100 {
            try await store.writeEnd { db in
                try VolumeRecord.named("v\(name)", db)?.delete(db)
            }
        }
        let left = try await store.read { db in
            try db.rows("SELECT * FROM volumes WHERE name GLOB 'v*'").count
        }
        #expect(left == 400)
    }

    @Test("takes back a transaction that fails in the middle")
    func rollback() async throws {
        let store = try RecordStore(path: path)
        await #expect(throws: EngineError.self) {
            try await store.write { db in
                try VolumeRecord(name: "kept", createdAt: .now()).insert(db)
                throw EngineError(.failed, "cannot go on", because: "a test")
            }
        }
        let volume = try await store.read { db in try VolumeRecord.named("kept", db) }
        #expect(volume == nil)
    }

    @Test("gives one of many writers at a time its turn", .timeLimit(.minutes(1)))
    func writers() async throws {
        let path = path
        let first = try RecordStore(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let store = try RecordStore(path: path)
                    for number in 0..<25 {
                        try await store.write { db in
                            let count =
                                try db.row("SELECT count(*) AS n FROM volumes")?["n"] as Int?
                            var record = VolumeRecord(
                                name: "v\(writer)-\(number)",
                                createdAt: .now()
                            )
                            record.key = "\(count ?? -1)"
                            try record.insert(db)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        // Each writer saw all that were before it: no two saw the same count.
        let counts = try await first.read { db in try db.texts("SELECT key FROM volumes") }
        #expect(Set(counts).count == 200)
    }

    @Test("says that there is no space left, and stays whole")
    func full() async throws {
        let store = try RecordStore(path: path)
        // SQLite answers as it does when the file system is full.
        try await store.write { db in try db.run("PRAGMA max_page_count = 60") }
        let error = await #expect(throws: EngineError.self) {
            for number in 0..<1000 {
                try await store.write { db in
                    var record = VolumeRecord(name: "volume\(number)", createdAt: .now())
                    record.labels = ["text": String(repeating: "x", count: 4000)]
                    try record.insert(db)
                }
            }
        }
        #expect(error?.description.contains("no space left") == true)
        let count = try await store.read { db in
            try db.row("SELECT count(*) AS n FROM volumes")?["n"] as Int?
        }
        #expect((count ?? 0) > 0)
        let check = try await store.read { db in try db.texts("PRAGMA integrity_check") }
        #expect(check == ["ok"])
    }
}

@Suite("the state folder")
struct LayoutTests {
    let scratch: Scratch
    var layout: Layout { Layout(root: scratch("root"), run: scratch("run/berth")) }

    init() throws { scratch = try Scratch() }

    @Test("is made for its owner alone, again and again")
    func made() throws {
        try layout.prepare()
        try layout.prepare()
        var status = stat()
        #expect(stat(layout.root.string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        #expect(exists(layout.containers) && exists(layout.volumes) && exists(layout.projects))
    }

    @Test("that others can write to is refused")
    func writable() throws {
        try makeDirectories(layout.root)
        chmod(layout.root.string, 0o777)
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.remedy?.contains("chmod 0700") == true)
    }

    @Test("that is a link or a file is refused")
    func linked() throws {
        try makeDirectories(scratch("elsewhere"))
        scratch.link("elsewhere", at: "root")
        #expect(throws: EngineError.self) { try layout.prepare() }
    }

    @Test("of another user is refused", .tags(.root), .enabled(if: isRoot))
    func foreign() throws {
        try makeDirectories(layout.root)
        chown(layout.root.string, 12345, 12345)
        let error = #expect(throws: EngineError.self) { try layout.prepare() }
        #expect(error?.reason == "it belongs to user 12345")
    }
}
