import Glibc
import Linux
package import OCI
import SystemPackage

extension ImageStore {
    /// Takes a layer for fetching and unpacking, waiting while another task or process has it:
    /// its blob as the manifest lists it, its plain tar's digest from the image's configuration. What
    /// the manifest says is compared with a blob that is here already.
    package func lease(_ descriptor: Descriptor, diffID: Digest) async throws -> LayerLease {
        let lock = try await FileLock.acquire(lockPath(of: descriptor))
        let lease = LayerLease(store: self, descriptor: descriptor, diffID: diffID, lock: lock)
        try check(descriptor)
        return lease
    }

    fileprivate func lockPath(of descriptor: Descriptor) -> FilePath {
        staging.appending("\(descriptor.digest.hex).lock")
    }
}

/// The right to bring one layer into the store; ends with the object.
package final class LayerLease: Sendable {
    private let store: ImageStore
    private let descriptor: Descriptor
    private let diffID: Digest
    private let lock: FileLock

    init(store: ImageStore, descriptor: Descriptor, diffID: Digest, lock: FileLock) {
        self.store = store
        self.descriptor = descriptor
        self.diffID = diffID
        self.lock = lock
    }

    deinit {
        // Still holding the lock, as its rules want; a file that stays harms nobody.
        _ = lockPath.withPlatformString { unlink($0) }
    }

    private var subject: String { "layer \(descriptor.digest)" }

    private var lockPath: FilePath { store.lockPath(of: descriptor) }

    /// What is missing.
    package enum Need: Hashable, Sendable {
        case nothing
        /// The blob is here and has to be unpacked, if only to see that it holds that layer.
        case unpacking
        /// The blob, from an offset: what an interrupted download left is kept.
        case download(from: Int64)
    }

    package var need: Need {
        if store.hasBlob(descriptor.digest) {
            return store.isKnown(descriptor.digest, toHold: diffID) ? .nothing : .unpacking
        }
        return .download(from: partialSize)
    }

    private var partial: FilePath { store.staging.appending("\(descriptor.digest.hex).blob") }

    private var staged: FilePath { store.staging.appending("\(descriptor.digest.hex).layer") }

    private var partialSize: Int64 {
        var status = stat()
        guard partial.withPlatformString({ lstat($0, &status) }) == 0,
            status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size) <= descriptor.size
        else { return 0 }
        return Int64(status.st_size)
    }

    /// Takes a whole blob that lies in staging, as though it had just been downloaded.
    func offer(_ blob: StagedBlob) throws {
        guard case .download = need else { return }
        try renamePath(blob.path, to: partial)
    }

    /// Brings in what `need` says, blocking until the source has ended: hash, decompress, hash,
    /// untar in one pass. The layer and the blob become visible whole and verified, or not at all.
    ///
    /// When the source fails, what came before stays for a later lease to go on from, and the
    /// source's error is thrown; after anything else nothing is left. Nil for the limits means the
    /// store's.
    package func complete(
        from source: any ByteSource = EmptySource(),
        limits: UnpackLimits? = nil
    ) throws {
        try namingFullDisks(subject) { try bringIn(source, limits ?? store.limits) }
    }

    /// Unpacks a plain tar that lies in staging, blocking; the tar itself does not become a blob.
    func unpack(_ tar: StagedBlob) throws {
        guard !store.hasLayer(diffID) else { return }
        try namingFullDisks(subject) {
            let intake = BlobIntake(
                descriptor,
                file: SharedFD(try openFile(tar.path, O_RDONLY)),
                stored: tar.size,
                source: EmptySource()
            )
            try receive(intake, at: tar.path, store.limits)
        }
    }

    private func bringIn(_ source: any ByteSource, _ limits: UnpackLimits) throws {
        switch need {
        case .nothing: return
        case .unpacking: try unpackStored(limits)
        case .download(let offset):
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW | (offset == 0 ? O_TRUNC : 0)
            let file = SharedFD(try openFile(partial, flags, mode: 0o600))
            let intake = BlobIntake(descriptor, file: file, stored: offset, source: source)
            do {
                try receive(intake, at: partial, limits)
            } catch let error as BlobIntake.Interrupted {
                throw error.cause
            } catch {
                try removeTree(partial)
                throw error
            }
            try file.with { file throws(SyscallError) in
                _ = try syscall("fsync", on: partial.string) { fsync(file) }
            }
            try renamePath(partial, to: store.blobPath(descriptor.digest))
        }
    }

    private func unpackStored(_ limits: UnpackLimits) throws {
        let path = store.blobPath(descriptor.digest)
        let file = SharedFD(try openFile(path, O_RDONLY))
        let size = descriptor.size
        let intake = BlobIntake(descriptor, file: file, stored: size, source: EmptySource())
        try receive(intake, at: path, limits)
    }

    private func receive(
        _ intake: BlobIntake,
        at path: FilePath,
        _ limits: UnpackLimits
    ) throws {
        // Also where the layer is here: that this blob holds it is only what the image says.
        try removeTree(staged)
        do {
            try unpack(intake, at: path, limits)
        } catch {
            try removeTree(staged)
            throw error
        }
        try store.note(descriptor.digest, holds: diffID)
    }

    private func unpack(_ intake: BlobIntake, at path: FilePath, _ limits: UnpackLimits) throws {
        let subject = subject
        let folder = staged.appending("fs")
        try makeDirectories(folder)
        let directory = SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
        try directory.with { directory throws(SyscallError) in
            _ = try syscall("chmod", on: subject) { fchmod(directory, 0o755) }
        }
        let limits = try limits.bounded(by: directory, of: subject)
        let layer =
            switch store.unpacking {
            case .inProcess: try unpackHere(intake, into: directory, subject, limits)
            case .confined(let program):
                try unpack(intake, at: path, into: directory, subject, limits, program)
            }
        guard layer.diffID == diffID else {
            throw ImageStoreError(
                subject: subject,
                .wrongDiffID(expected: diffID, found: layer.diffID)
            )
        }
        guard !store.hasLayer(diffID) else {
            // Another image brought the same files, compressed in another way.
            return try removeTree(staged)
        }
        try hideWhatIsBelow(layer.opaque, in: directory, subject)
        let record = LayerRecord(
            size: layer.size,
            contentBytes: layer.contentBytes,
            isCanonical: false,
            isRootOpaque: layer.isRootOpaque
        )
        try store.publish(diffID, staged: staged, record: record, implied: layer.implied)
    }

    private func unpackHere(
        _ intake: BlobIntake,
        into directory: SharedFD,
        _ subject: String,
        _ limits: UnpackLimits
    ) throws -> UnpackedLayer {
        let stream = try LayerStream(
            { try intake.read(into: $0) },
            subject: subject,
            limits: limits
        )
        let layer = try unpackLayer(
            stream,
            into: directory,
            subject: subject,
            limits: limits,
            isUmaskClear: false
        )
        try intake.verify()
        return layer
    }

    private func unpack(
        _ intake: BlobIntake,
        at path: FilePath,
        into directory: SharedFD,
        _ subject: String,
        _ limits: UnpackLimits,
        _ program: UnpackerProgram
    ) throws -> UnpackedLayer {
        /// The unpacker has ended early and says why.
        struct Refused: Error {}
        func start(_ slot: UnpackSlot) throws -> UnpackerProcess {
            try UnpackerProcess(
                program,
                slot: slot,
                blob: SharedFD(try openFile(path, O_RDONLY)),
                directory: directory,
                subject: subject,
                limits: limits
            )
        }
        // While others have the processors the blob goes on arriving in its file.
        let request = UnpackSlotRequest(size: descriptor.size)
        var unpacker: UnpackerProcess?
        var isVerified = false
        do {
            try intake.readAll { position in
                if unpacker == nil, let slot = request.takeIfFree() {
                    unpacker = try start(slot)
                }
                if let unpacker, try !unpacker.tell(position) { throw Refused() }
            }
            try intake.verify()
            isVerified = true
        } catch is Refused {}
        let started = try unpacker ?? start(request.take())
        // One that is gone already has said why.
        if isVerified { _ = try started.tell(intake.position, isWhole: true) }
        let layer = try started.finish()
        guard isVerified else {
            throw ImageStoreError(subject: subject, .unpacker("was done before the blob was there"))
        }
        return layer
    }

    /// Marks directories as overlay wants it, which takes more rights than an unpacker has.
    private func hideWhatIsBelow(
        _ paths: [EntryPath],
        in directory: SharedFD,
        _ subject: String
    ) throws {
        let root = Root(directory, name: subject)
        for path in paths {
            let flags = O_RDONLY | O_DIRECTORY
            let folder = SharedFD(try root.open(path.filePath, flags, crossingMounts: false))
            try folder.setExtendedAttribute(
                "trusted.overlay.opaque",
                to: Array("y".utf8),
                subject: subject
            )
        }
    }
}

extension UnpackLimits {
    /// Nothing may be larger than what is free; a little is left for others.
    func bounded(by directory: SharedFD, of subject: String) throws(SyscallError) -> UnpackLimits {
        var space = statvfs()
        try directory.with { directory throws(SyscallError) in
            _ = try syscall("statvfs", on: subject) { fstatvfs(directory, &space) }
        }
        let free = Int64(clamping: space.f_bavail &* space.f_frsize) - (64 << 20)
        var limits = self
        let usable = max(free, 1 << 20)
        if usable < limits.bytes { (limits.bytes, limits.isSpace) = (usable, true) }
        return limits
    }
}
