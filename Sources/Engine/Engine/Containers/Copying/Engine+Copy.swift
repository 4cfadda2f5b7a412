package import ContainerRuntime
import Glibc
package import ImageStore
import Linux
import SystemPackage

/// A copy between a container and the host.
package struct CopyRequest: Sendable {
    /// Whose files they are.
    package var container: ContainerID
    /// What the user calls it.
    package var name: String
    /// What of them is copied, and how.
    package var files: FileCopy
    /// Where it comes to.
    package var destination: CopyPath
    /// What is made on the host has the owners that it has in the container.
    package var keepsOwners = false

    /// Names the container, what is copied and whereto.
    package init(
        _ container: ContainerID,
        called name: String,
        _ files: FileCopy,
        to destination: CopyPath
    ) {
        self.container = container
        self.name = name
        self.files = files
        self.destination = destination
    }
}

extension Engine {
    /// Copies files of a container to the host. Gives the bytes that a tar of them would have.
    package func copyOut(_ request: CopyRequest) async throws -> Int64 {
        let bytes = try await withFiles(of: request.container) { root, shift in
            try request.files.run(
                from: CopySide(root, container: request.name, shift: shift),
                to: request.destination,
                of: .host,
                keepsOwners: request.keepsOwners
            )
        }
        await note(.copiedOut, of: request.container)
        return bytes
    }

    /// Copies files of the host into a container; they keep their owners' numbers.
    package func copyIn(_ request: CopyRequest) async throws -> Int64 {
        let bytes = try await withFiles(of: request.container) { root, shift in
            try shift.act()
            return try request.files.run(
                from: .host,
                to: request.destination,
                of: CopySide(root, container: request.name, shift: shift),
                keepsOwners: true
            )
        }
        await note(.copiedIn, of: request.container)
        return bytes
    }

    /// Writes files of a container as a tar.
    package func copyOut(
        _ id: ContainerID,
        called name: String,
        _ files: FileCopy,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let imageStore = imageStore
        try await withFiles(of: id) { root, shift in
            let entry = try files.entry(on: CopySide(root, container: name, shift: shift))
            try imageStore.writeEntry(
                entry.name,
                of: entry.folder,
                as: entry.archived,
                subject: "container \(name)",
                shift: shift,
                to: sink
            )
        }
        await note(.copiedOut, of: id)
    }

    /// Puts the files of a tar, compressed or not, into a folder of a container. It is unpacked beside
    /// the container first, by a process that has confined itself.
    package func copyIn(
        _ id: ContainerID,
        called name: String,
        from source: any ByteSource,
        to destination: CopyPath
    ) async throws {
        let scratch = layout.trash.appending(ContainerID.random().text)
        try Layout.make(scratch.appending("files"))
        do {
            try await fill(id, called: name, from: source, to: destination, scratch: scratch)
        } catch {
            // `try?`: the first cause counts; the next recovery empties the trash.
            try? removeTree(scratch)
            throw error
        }
        try removeTree(scratch)
    }

    private func fill(
        _ id: ContainerID,
        called name: String,
        from source: any ByteSource,
        to destination: CopyPath,
        scratch: FilePath
    ) async throws {
        let files = scratch.appending("files")
        guard let spool = try await spool(source, called: "standard input", beneath: scratch),
            let unpacked = try await imageStore.unpackArchive(
                spool,
                named: "standard input",
                into: files
            )
        else { throw CopyError("standard input is not a tar archive", isOfEngine: true) }
        try await withFiles(of: id) { root, shift in
            try shift.act()
            try FileCopy.fill(
                destination,
                of: CopySide(root, container: name, shift: shift),
                from: files,
                implied: unpacked.implied
            )
        }
        await note(.copiedIn, of: id)
    }

    /// A file of ours with all that a source gives, to be read from its start. nil as soon as it is clear that
    /// this is no archive: it may have no end.
    func spool(
        _ source: any ByteSource,
        called subject: String,
        beneath scratch: FilePath
    ) async throws -> SharedFD? {
        let store = imageStore
        return try await onOwnThread { () throws(any Error) -> SharedFD? in
            let file = try openFile(
                scratch.appending("tar"),
                O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
                mode: 0o600
            )
            var isOpen = true
            while case let bytes = try source.next(atMost: 1 << 20), !bytes.isEmpty {
                try file.writeAll(Array(bytes))
                guard isOpen else { continue }
                switch try store.beginning(of: file, named: subject) {
                case .archive: isOpen = false
                case .unknown: break
                case .other: return nil
                }
            }
            _ = try file.with { fd throws(SyscallError) in
                try syscall("lseek") { lseek(fd, 0, SEEK_SET) }
            }
            return SharedFD(file)
        }
    }
}
