import Glibc
import Linux
package import OCI
package import SystemPackage

/// How an image's layers are mounted, worked out once per image.
private struct StackRecord: Codable {
    /// The image's layers, lowest first.
    var layers: [Digest]
    /// The ones to mount, top first.
    var mounted: [Digest]
    /// Whether a directory of corrections lies on top.
    var isPatched: Bool
}

extension ImageStore {
    /// The directories to give overlay as lower ones, top first, for layers listed lowest first.
    ///
    /// A layer that occurs twice counts where it is highest, since overlay takes a directory only
    /// once; layers below one that hides everything are left out. Directories that a layer fills
    /// without describing them have the metadata that the layers below give them: where that makes
    /// a difference, a directory of corrections lies on top of all.
    package func lowerDirectories(for layers: [Digest]) throws -> [FilePath] {
        guard let chainID = Digest.chain(layers).last else { return [] }
        let folder = stacks.appending(chainID.hex)
        let record = try stackRecord(folder) ?? makeStack(layers, at: folder)
        return (record.isPatched ? [folder.appending("fs")] : [])
            + record.mounted.map(layerPath)
    }

    private func stackRecord(_ folder: FilePath) throws -> StackRecord? {
        guard let bytes = try readFileIfThere(folder.appending("record"), limit: 1 << 20)
        else { return nil }
        return try OCIJSON.decode(
            StackRecord.self,
            from: bytes,
            limit: 1 << 20,
            subject: "record of stack \(folder)"
        )
    }

    private func makeStack(_ layers: [Digest], at folder: FilePath) throws -> StackRecord {
        // Containers start without a hold; what is made here lies in staging for a moment.
        let hold = try StoreHold(self)
        defer { withExtendedLifetime(hold) {} }
        var mounted: [Digest] = []
        for layer in layers.reversed() where !mounted.contains(layer) {
            mounted.append(layer)
            if try layerRecord(layer).isRootOpaque { break }
        }
        let staged = stagingPath("stack")
        try makeDirectories(staged)
        do {
            let survey = try StackSurvey(mounted.map { ($0, try impliedPaths(of: $0)) }, in: self)
            let isPatched = try survey.writeCorrections(to: staged.appending("fs"))
            let record = StackRecord(layers: layers, mounted: mounted, isPatched: isPatched)
            try atomicWrite(
                try OCIJSON.encode(record),
                to: staged.appending("record"),
                synced: false
            )
            try SharedFD(try openFile(staged, O_RDONLY | O_DIRECTORY))
                .syncFileSystem(subject: staged.string)
            return try publishStack(record, staged, at: folder)
        } catch {
            try removeTree(staged)
            throw error
        }
    }

    /// Gives a stack its place. The same may have been made meanwhile, and then counts; what is
    /// there without a record is what somebody left who was killed, and goes.
    private func publishStack(
        _ record: StackRecord,
        _ staged: FilePath,
        at folder: FilePath
    ) throws -> StackRecord {
        while true {
            do throws(SyscallError) {
                try renamePath(staged, to: folder)
                return record
            } catch {
                guard error.errno == EEXIST || error.errno == ENOTEMPTY else { throw error }
            }
            if let known = try stackRecord(folder) {
                try removeTree(staged)
                return known
            }
            try discard(folder)
        }
    }

    /// Forgets stacks that have lost a layer.
    func removeStacks(withoutLayersIn kept: Set<Digest>) throws {
        for name in try folderEntries(stacks) {
            let folder = stacks.appending(name)
            let record = try stackRecord(folder)
            guard let record, kept.isSuperset(of: record.layers) else {
                try discard(folder)
                continue
            }
        }
    }
}
