import Foundation
import OCI

/// What a process that unpacks is told, as its last argument, and what it finds open.
///
/// While the blob arrives it is told how far its file has come: numbers of eight bytes, of which the
/// last one read counts, and those it is not in time for may be left out. The highest bit says that
/// the blob is whole and verified. When the unpacker is done it writes an `UnpackReport` and ends.
struct UnpackRequest: Codable {
    /// Both sides are one program; they differ while it is being replaced.
    var version = Self.current
    var subject: String
    var limits: UnpackLimits
    /// Whose child it is.
    var parent: Int32

    static let current = 4

    /// The blob's file, for reading.
    static let blob: CInt = 3
    /// The layer's directory.
    static let directory: CInt = 4
    /// A socket for both directions.
    static let socket: CInt = 5

    static let isWhole: UInt64 = 1 << 63
}

/// How unpacking ended.
struct UnpackReport: Codable {
    var version = UnpackRequest.current
    /// What could not be had of the confinement, in words.
    var missing: [String] = []
    var outcome: Outcome

    enum Outcome: Codable {
        case done(Layer)
        case refused(ImageStoreError)
    }

    struct Layer: Codable {
        var diffID: Digest
        var size: Int64
        var contentBytes: Int64
        /// Paths, each with a NUL behind it.
        var implied: Data
        var opaque: Data
        var isRootOpaque: Bool
    }
}

extension UnpackReport.Layer {
    init(_ layer: UnpackedLayer) {
        self.init(
            diffID: layer.diffID,
            size: layer.size,
            contentBytes: layer.contentBytes,
            implied: EntryPath.list(layer.implied),
            opaque: EntryPath.list(layer.opaque),
            isRootOpaque: layer.isRootOpaque
        )
    }

    /// Takes the paths for what they are: words of a process that may be somebody else's by now.
    func unpacked() throws(EntryPath.Refusal) -> UnpackedLayer {
        UnpackedLayer(
            diffID: diffID,
            size: size,
            contentBytes: contentBytes,
            implied: try EntryPath.paths(in: implied),
            opaque: try EntryPath.paths(in: opaque),
            isRootOpaque: isRootOpaque
        )
    }
}

extension EntryPath {
    /// Paths, each with a NUL behind it.
    static func list(_ paths: [EntryPath]) -> Data {
        Data(paths.flatMap { $0.bytes + [0] })
    }

    /// Reads such a list.
    static func paths(in list: some Sequence<UInt8>) throws(Refusal) -> [EntryPath] {
        var paths: [EntryPath] = []
        var name: [UInt8] = []
        for byte in list {
            guard byte == 0 else {
                name.append(byte)
                continue
            }
            paths.append(name.isEmpty ? .root : try EntryPath(name))
            name.removeAll(keepingCapacity: true)
            guard paths.count <= UnpackLimits.rememberedDirectories + 1 else {
                throw Refusal(reason: "too many directories")
            }
        }
        return paths
    }
}
