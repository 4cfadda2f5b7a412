import Glibc
import ImageStore
import Linux
import SystemPackage

/// What one COPY or ADD that is carried out works with.
struct CopyWork: Sendable {
    /// The step's, removed when it is done.
    var folder: FilePath
    /// The layer in the making.
    var upper: FilePath
    var selections: [CopySelection]
    var downloads: RemoteFiles
    /// Where repositories were checked out, in order.
    var checkouts: [FilePath] = []

    /// The files of an archive, which lie unpacked in a folder of the step.
    struct Archive: Sendable {
        var view: LayeredTree
        var items: [CopyItem]
    }

    /// The archives among the sources, by the place of the selection.
    struct Archives: Sendable {
        var local: [Int: Archive] = [:]
        var downloaded: [Int: Archive] = [:]
        /// Whether every file was still what it had been when it was digested.
        var areStable = true
    }

    /// Unpacks the sources of an ADD that are archives, each beside the layer.
    func unpackArchives(
        _ copy: ResolvedCopy,
        from origin: BuildSession.CopyOrigin?,
        _ store: ImageStore
    ) async throws -> Archives {
        var archives = Archives()
        guard let add = copy.instruction.add else { return archives }
        if add.unpacks != false, let origin {
            for (index, selection) in selections.enumerated() {
                // A name that has been found stays what it is: the file is opened once.
                guard !selection.isFolder, let item = selection.items.first,
                    item.facts.kind == .file
                else { continue }
                let file = try origin.view.open(item)
                archives.local[index] = try await unpack(
                    file,
                    named: item.source.string,
                    in: folder.appending("archive-\(index)"),
                    store
                )
                let after = try FileFacts(of: file, subject: item.source.string)
                if !after.isUnchanged(since: item.facts) { archives.areStable = false }
            }
        }
        guard add.unpacks == true else { return archives }
        for (index, file) in downloads.files.enumerated() {
            archives.downloaded[index] = try await unpack(
                SharedFD(try openFile(file, O_RDONLY)),
                named: copy.addresses[index],
                in: folder.appending("download-archive-\(index)"),
                store
            )
        }
        return archives
    }

    private func unpack(
        _ file: SharedFD,
        named name: String,
        in place: FilePath,
        _ store: ImageStore
    ) async throws -> Archive? {
        try await blocking { () throws(SyscallError) in try makeDirectories(place) }
        guard let unpacked = try await store.unpackArchive(file, named: name, into: place) else {
            return nil
        }
        return try await blocking { () throws(any Error) in
            let view = try LayeredTree(folder: place, name: name)
            let found = try CopyScan(view: view, ignored: IgnoreRules()).select("/")
            let items = found.flatMap(\.items).map { item in
                var item = item
                item.yields = unpacked.implied.contains(item.path)
                return item
            }
            return Archive(view: view, items: items)
        }
    }
}

extension CopyExecution {
    /// Puts the files of an archive into the destination.
    mutating func unpack(_ archive: CopyWork.Archive) throws {
        try unpack(archive.items, from: archive.view)
    }
}
