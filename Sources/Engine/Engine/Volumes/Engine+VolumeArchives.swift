import ContainerRuntime
import GRDB
import Glibc
package import ImageStore
import Linux
import SystemPackage

extension Engine {
    /// Writes what is in a volume as one tar, whoever has it mounted.
    /// - Throws: an `EngineError` when there is no such volume or it cannot be mounted.
    package func exportVolume(
        named name: String,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let record = try await existingVolume(name, for: "cannot export volume `\(name)`")
        try await atItsPlace(record) { place in
            let store = self.imageStore
            try await onOwnThread { () throws(any Error) in
                let folder = SharedFD(try openFile(place, O_RDONLY | O_DIRECTORY))
                try store.writeTree(folder, subject: "volume \(name)", isLayer: false, to: sink)
            }
        }
    }

    /// Puts what is in a tar, compressed or not, into a volume, which is made where it is missing. It
    /// is unpacked beside it first, by a process that has confined itself, so that an archive that is
    /// refused changes nothing. `subject` is what errors call the tar.
    /// - Throws: an `EngineError` while a container that has the volume runs.
    package func importVolume(
        named name: String,
        from source: any ByteSource,
        subject: String
    ) async throws {
        let attempt = "cannot import into volume `\(name)`"
        if let record = try await volume(named: name) {
            try await refuseImport(into: record, for: attempt)
        } else {
            try Self.checkName(name, of: "volume")
        }
        try await withUnpacked(source, called: subject, for: attempt) { files, implied in
            let record = try await self.createVolume(VolumeRequest(name: name))
            try await self.atItsPlace(record) { place in
                // A container that starts waits for it, and finds all of it.
                let filling = try VolumeFilling(place, isOurs: record.driverOptions.isEmpty)
                try await self.refuseImport(into: record, for: attempt)
                try await onOwnThread { () throws(any Error) in
                    if let obstacle = try filling.obstacle(to: files) {
                        throw EngineError(
                            .conflict,
                            attempt,
                            because: "\(obstacle)",
                            remedy:
                                "nothing was changed; move it away in the volume, or import into "
                                + "another one"
                        )
                    }
                    do { try filling.fill(from: files, implied: implied) } catch {
                        throw EngineError(
                            .state,
                            attempt,
                            because: "\(error)",
                            remedy:
                                "part of the archive may be in the volume; run the command again"
                        )
                    }
                }
            }
        }
    }

    /// Unpacks a tar into a folder of ours, which is there for `body` alone.
    func withUnpacked(
        _ source: any ByteSource,
        called subject: String,
        for attempt: String,
        _ body: (FilePath, Set<FilePath>) async throws -> Void
    ) async throws {
        let scratch = layout.trash.appending(ContainerID.random().text)
        let files = scratch.appending("files")
        try Layout.make(files)
        do {
            guard let tar = try await spool(source, called: subject, beneath: scratch) else {
                throw EngineError(.invalid, attempt, because: "\(subject) is not a tar archive")
            }
            let unpacked = try await imageStore.unpackArchive(tar, named: subject, into: files)
            if let unpacked {
                try await body(files, unpacked.implied)
            } else if try Self.isEmptyArchive(tar, subject) {
                try await body(files, [FilePath()])
            } else {
                throw EngineError(.invalid, attempt, because: "\(subject) is not a tar archive")
            }
        } catch let error as ImageStoreError {
            try? removeTree(scratch)  // The first cause counts; recovery empties the trash.
            throw EngineError(.invalid, attempt, because: "\(error)")
        } catch {
            try? removeTree(scratch)  // As above.
            throw error
        }
        try removeTree(scratch)
    }

    /// A tar of nothing, such as that of an empty volume, is blocks of zeros.
    private static func isEmptyArchive(
        _ file: SharedFD,
        _ subject: String
    ) throws(SyscallError) -> Bool {
        let limit = 64 << 10
        var bytes = [UInt8](repeating: 1, count: limit)
        let count = try file.with { fd throws(SyscallError) in
            try syscall("read", on: subject) { pread(fd, &bytes, limit, 0) }
        }
        return count >= 1024 && count < limit && bytes[..<count].allSatisfy { $0 == 0 }
    }

    private func existingVolume(_ name: String, for attempt: String) async throws -> VolumeRecord {
        guard let record = try await volume(named: name) else {
            throw EngineError(.notFound, attempt, because: "no such volume")
        }
        return record
    }

    /// Runs `body` where the volume is, mounted for as long as that where nobody else has it.
    private func atItsPlace(
        _ record: VolumeRecord,
        _ body: (FilePath) async throws -> Void
    ) async throws {
        let place = try place(ofVolume: record.name, record.driverOptions)
        do { try await body(place) } catch {
            // `try?`: what went wrong first is what matters.
            try? await unmountUnused(record)
            throw error
        }
        try await unmountUnused(record)
    }

    private func unmountUnused(_ record: VolumeRecord) async throws {
        guard !record.driverOptions.isEmpty, try await runningUsers(of: record.name).isEmpty else {
            return
        }
        try unmountVolume(record.name)
    }

    private func runningUsers(of volume: String) async throws -> [ContainerHolder] {
        try await store.read { db in
            try db.rows(
                """
                SELECT DISTINCT containers.name, containers.project, containers.service
                FROM volumeUses JOIN containers ON containers.id = volumeUses.container
                WHERE volume = ? AND containers.status IN ('running', 'restarting') ORDER BY 1
                """,
                [volume]
            ).map(ContainerHolder.init(row:))
        }
    }

    /// What a program works on must not change under it, and what is in memory goes with its last user.
    private func refuseImport(into record: VolumeRecord, for attempt: String) async throws {
        let users = try await runningUsers(of: record.name)
        guard users.isEmpty else {
            throw EngineError(
                .inUse,
                attempt,
                because: "it is in use by \(users.words)",
                remedy: users.commands("stop").map { "\($0) ends that" }
            )
        }
        if case .fileSystem("tmpfs", _, _) = try? LocalVolume(record.driverOptions) {
            throw EngineError(
                .invalid,
                attempt,
                because: "it is in memory, and there only while a container has it"
            )
        }
    }
}
