import GRDB

/// The tables, and how an older database becomes the present one.
///
/// `user_version` counts the migrations that have run. A released migration is never edited.
enum Schema {
    static let migrations = [
        version1, version2, version3, version4, version5, version6, version7,
        version8, version9, version10,
    ]

    /// Brings a just opened connection to the present schema, or refuses one from the future.
    static func prepare(_ db: Database) throws {
        let version = try version(db)
        if version == migrations.count { return }
        try refuseNewer(version)
        try useLog(db)
        try db.inTransaction(.immediate) {
            // Another process may have migrated while this one waited for the lock.
            let version = try Self.version(db)
            try refuseNewer(version)
            for migration in migrations[version...] { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }

    /// Makes the database one with a log. Kept in the file: later openings need not ask.
    ///
    /// SQLite does not wait for the other of two first openings: who has read the file already and
    /// wants to write is refused at once, lest each wait for the other (sqlite.org/c3ref/busy_handler.html).
    private static func useLog(_ db: Database) throws {
        var refusals = 0
        while true {
            do {
                return try db.execute(sql: "PRAGMA journal_mode = WAL")
            } catch let error as DatabaseError
                where error.resultCode == .SQLITE_BUSY && WriterWait.pause(before: refusals)
            {
                refusals += 1
            }
        }
    }

    private static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    private static func refuseNewer(_ version: Int) throws {
        guard version > migrations.count else { return }
        throw EngineError(
            .state,
            "cannot use this state folder",
            because: "a newer berth has written it (version \(version), this one knows "
                + "\(migrations.count))",
            remedy: "use the newer berth, or another BERTH_ROOT"
        )
    }

    private static let version1 = """
        CREATE TABLE facts (
            name TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE projects (
            name TEXT PRIMARY KEY NOT NULL,
            directory TEXT NOT NULL,
            files TEXT NOT NULL,
            desired TEXT,
            updatedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE images (
            id TEXT PRIMARY KEY NOT NULL,
            manifest TEXT,
            configuration BLOB NOT NULL,
            layers TEXT NOT NULL,
            sizeBytes INTEGER NOT NULL,
            recordedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE imageNames (
            reference TEXT PRIMARY KEY NOT NULL,
            image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            updatedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX imageNamesByImage ON imageNames (image);

        CREATE TABLE networks (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL UNIQUE,
            project TEXT,
            key TEXT,
            driver TEXT NOT NULL,
            isInternal INTEGER NOT NULL,
            subnet TEXT NOT NULL UNIQUE,
            gateway TEXT NOT NULL,
            ipRange TEXT,
            labels TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX networksByProject ON networks (project);

        CREATE TABLE containers (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL UNIQUE,
            project TEXT,
            service TEXT,
            number INTEGER,
            isOneOff INTEGER NOT NULL,
            image TEXT NOT NULL,
            specJSON TEXT NOT NULL,
            specHash TEXT NOT NULL,
            labels TEXT NOT NULL,
            createdAt INTEGER NOT NULL,
            desired TEXT NOT NULL,
            status TEXT NOT NULL,
            health TEXT,
            startedAt INTEGER,
            finishedAt INTEGER,
            exitCode INTEGER,
            oomKilled INTEGER NOT NULL,
            restartCount INTEGER NOT NULL,
            error TEXT,
            published TEXT NOT NULL,
            -- 1: being removed; 2: with its anonymous volumes
            isRemoving INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX containersByProject ON containers (project, service);
        CREATE INDEX containersByImage ON containers (image);

        CREATE TABLE endpoints (
            container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            network TEXT NOT NULL REFERENCES networks (id),
            position INTEGER NOT NULL,
            address TEXT NOT NULL,
            aliases TEXT NOT NULL,
            PRIMARY KEY (container, network),
            UNIQUE (network, address)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE releasedAddresses (
            network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            releasedAt INTEGER NOT NULL,
            PRIMARY KEY (network, address)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE volumes (
            name TEXT PRIMARY KEY NOT NULL,
            project TEXT,
            key TEXT,
            driver TEXT NOT NULL,
            isAnonymous INTEGER NOT NULL,
            labels TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX volumesByProject ON volumes (project);

        CREATE TABLE volumeUses (
            container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            target TEXT NOT NULL,
            volume TEXT NOT NULL REFERENCES volumes (name),
            PRIMARY KEY (container, target)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX volumeUsesByVolume ON volumeUses (volume);

        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            name TEXT NOT NULL,
            project TEXT,
            attributes TEXT NOT NULL
        ) STRICT;
        """

    /// Which repositories have which blobs: for mounts between them.
    private static let version2 = """
        CREATE TABLE blobSources (
            blob TEXT NOT NULL,
            repository TEXT NOT NULL,
            seenAt INTEGER NOT NULL,
            PRIMARY KEY (blob, repository)
        ) STRICT, WITHOUT ROWID;
        """

    /// Each name as it came itself: several manifests may list one configuration, which is the
    /// image's identity. The digest of a reference that is not the manifest's was an index's.
    private static let version3 = """
        ALTER TABLE imageNames ADD COLUMN manifest TEXT;
        ALTER TABLE imageNames ADD COLUMN layers TEXT;
        ALTER TABLE imageNames ADD COLUMN imageIndex TEXT;

        UPDATE imageNames SET (manifest, layers) = (
            SELECT manifest, layers FROM images
            WHERE images.id = imageNames.image AND images.manifest IS NOT NULL
        );
        UPDATE imageNames SET imageIndex = substr(reference, instr(reference, '@') + 1)
        WHERE reference LIKE '%@%' AND substr(reference, instr(reference, '@') + 1) <> manifest;
        UPDATE imageNames SET imageIndex = coalesce(
            (
                SELECT pinned.imageIndex FROM imageNames AS pinned
                WHERE pinned.image = imageNames.image AND pinned.imageIndex IS NOT NULL AND instr(
                    imageNames.reference,
                    substr(pinned.reference, 1, instr(pinned.reference, '@') - 1) || ':'
                ) = 1
                ORDER BY pinned.updatedAt DESC LIMIT 1
            ),
            (
                SELECT pinned.imageIndex FROM imageNames AS pinned
                WHERE pinned.image = imageNames.image AND pinned.imageIndex IS NOT NULL
                ORDER BY pinned.updatedAt DESC LIMIT 1
            )
        )
        WHERE reference NOT LIKE '%@%';
        """

    /// A list of addresses for each endpoint; the first stays where it was.
    private static let version4 = """
        ALTER TABLE endpoints ADD COLUMN furtherAddresses TEXT NOT NULL DEFAULT '[]';
        """

    /// What a volume was made with, to be compared with the file.
    private static let version5 = """
        ALTER TABLE volumes ADD COLUMN driverOptions TEXT NOT NULL DEFAULT '{}';
        """

    /// Whether the processes of a running container stand still.
    private static let version6 = """
        ALTER TABLE containers ADD COLUMN isPaused INTEGER NOT NULL DEFAULT 0;
        """

    /// What networks and endpoints are asked to be beyond their addresses.
    private static let version7 = """
        ALTER TABLE networks ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE endpoints ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
        """

    /// What events say of containers that are gone.
    private static let version8 = """
        CREATE TABLE eventSubjects (
            container TEXT PRIMARY KEY NOT NULL,
            image TEXT NOT NULL,
            labels TEXT NOT NULL,
            lastEvent INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Which containers have images mounted, beside the one that they are made of.
    private static let version9 = """
        CREATE TABLE imageUses (
            container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            image TEXT NOT NULL,
            PRIMARY KEY (container, image)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX imageUsesByImage ON imageUses (image);
        """

    /// Which folder has made a volume. Of those that are there, the one that the project was of last.
    private static let version10 = """
        ALTER TABLE volumes ADD COLUMN directory TEXT;
        UPDATE volumes SET directory = (
            SELECT directory FROM projects WHERE projects.name = volumes.project
        );
        """
}
