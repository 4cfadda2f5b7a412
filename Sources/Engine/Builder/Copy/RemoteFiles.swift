import Glibc
import Linux
import OCI
import SystemPackage

/// The files that one ADD takes from http and https addresses.
///
/// What a server said of a file is remembered with the digest of what it sent, so that a file that is
/// still the same is neither sent again nor copied again. With `--checksum` the server is not asked.
struct RemoteFiles: Sendable {
    let addresses: [String]
    private let checksum: Digest?
    private var records: [Record] = []
    /// The downloaded files, in order, where they have been needed.
    private(set) var files: [FilePath] = []

    /// What is remembered of an address.
    private struct Record: Codable, Equatable {
        var mark: RemoteFileMark
        var digest: Digest

        /// Stands for the file in a step's key.
        func text(_ address: String) -> String {
            "remote \(digest) \(mark.modifiedSeconds.map { "\($0)" } ?? "") "
                + RemoteFiles.name(address, mark)
        }
    }

    init(_ addresses: [String], checksum: String?) {
        self.addresses = addresses
        self.checksum = checksum.flatMap { Digest($0) }
    }

    /// Finds out what the addresses have now; what had to be downloaded for it stays in `folder`.
    mutating func look(_ session: BuildSession, _ folder: FilePath) async throws -> [String] {
        for (index, address) in addresses.enumerated() {
            let known = Self.record(of: address, session)
            if let known, let checksum, known.digest == checksum {
                records.append(known)
            } else {
                let record = try await get(index, known, session, folder)
                if let checksum, record.digest != checksum {
                    throw InstructionError(
                        "digest mismatch \(record.digest): \(checksum) (\(address))"
                    )
                }
                records.append(record)
            }
        }
        return texts
    }

    /// Downloads what is only known so far.
    mutating func fetch(_ session: BuildSession, _ folder: FilePath) async throws -> [String] {
        for index in addresses.indices {
            let file = Self.file(index, folder)
            if file.withPlatformString({ access($0, F_OK) }) != 0 {
                records[index] = try await get(index, nil, session, folder)
            }
            files.append(file)
        }
        return texts
    }

    private var texts: [String] { zip(addresses, records).map { $1.text($0) } }

    /// The files as COPY takes them.
    func selections() throws -> [(selection: CopySelection, view: LayeredTree)] {
        try zip(files, zip(addresses, records)).map { file, known in
            let view = try LayeredTree(folder: file.removingLastComponent(), name: known.0)
            let scan = CopyScan(view: view, ignored: IgnoreRules())
            guard var selection = try scan.select("file").first else {
                throw ViewError("\(known.0): the downloaded file is gone")
            }
            selection.source = FilePath("/").appending(Self.name(known.0, known.1.mark))
            return (selection, view)
        }
    }

    /// An address that names no file needs a destination that does.
    func check(isFolderByName: Bool) throws {
        guard isFolderByName else { return }
        for (address, record) in zip(addresses, records)
        where Self.name(address, record.mark).isEmpty {
            throw InstructionError(
                "cannot determine filename for source \(address); "
                    + "let the destination end with the file's name"
            )
        }
    }

    private func get(
        _ index: Int,
        _ known: Record?,
        _ session: BuildSession,
        _ folder: FilePath
    ) async throws -> Record {
        let address = addresses[index]
        guard let download = session.request.download else {
            throw InstructionError("\(address): this build downloads nothing")
        }
        let file = Self.file(index, folder)
        try makeDirectories(file.removingLastComponent())
        guard let mark = try await download(address, known?.mark, file) else {
            guard let known else {
                throw InstructionError("\(address): the server sent nothing")
            }
            return known
        }
        let digest = try await blocking { () throws(any Error) in
            try Self.settle(file, mark)
        }
        if let checksum, digest != checksum {
            throw InstructionError("digest mismatch \(digest): \(checksum) (\(address))")
        }
        let record = Record(mark: mark, digest: digest)
        let path = Self.recordPath(of: address, session)
        try makeDirectories(path.removingLastComponent())
        try atomicWrite(try OCIJSON.encode(record), to: path, synced: false)
        return record
    }

    /// Gives a file the mode and the time that it has in an image, and digests it.
    private static func settle(_ file: FilePath, _ mark: RemoteFileMark) throws -> Digest {
        let opened = SharedFD(try openFile(file, O_RDONLY))
        var hash = SHA256()
        while true {
            let bytes = try opened.with { fd in
                try [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
                    count = try syscall("read", on: file.string) {
                        read(fd, buffer.baseAddress, buffer.count)
                    }
                }
            }
            if bytes.isEmpty { break }
            hash.update(bytes)
        }
        let time = timespec(tv_sec: Int(mark.modifiedSeconds ?? 0), tv_nsec: 0)
        try opened.with { fd in
            _ = try syscall("chmod", on: file.string) { fchmod(fd, 0o600) }
            _ = try syscall("utimens", on: file.string) { futimens(fd, [time, time]) }
        }
        return hash.finish()
    }

    private static func file(_ index: Int, _ folder: FilePath) -> FilePath {
        folder.appending("remote-\(index)").appending("file")
    }

    private static func recordPath(of address: String, _ session: BuildSession) -> FilePath {
        session.downloads.appending(Digest.of(Array(address.utf8)).hex)
    }

    private static func record(of address: String, _ session: BuildSession) -> Record? {
        // Only a cache: what cannot be read is downloaded.
        guard let bytes = try? readFile(recordPath(of: address, session), limit: 64 << 10) else {
            return nil
        }
        return try? OCIJSON.decode(Record.self, from: bytes, limit: 64 << 10, subject: "download")
    }

    /// What the file is called in a folder: as the server says, or as the address ends; empty where
    /// neither says anything.
    fileprivate static func name(_ address: String, _ mark: RemoteFileMark) -> String {
        let path = address.prefix { $0 != "?" && $0 != "#" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        // The scheme, an empty part and the host come first.
        let last = parts.count > 3 ? String(parts[parts.count - 1]) : ""
        let name = mark.fileName ?? last
        return name == "." || name == ".." || name.contains("/") || name.contains("\0") ? "" : name
    }
}
