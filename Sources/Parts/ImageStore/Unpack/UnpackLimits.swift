/// What a layer, or another archive, may be at most; beyond it, it is taken for a bomb.
package struct UnpackLimits: Hashable, Sendable, Codable {
    /// Bytes of the plain tar, and of all its files together, holes included.
    package var bytes: Int64
    /// Entries, and directories made because entries need them.
    package var entries: Int
    /// How many times larger the plain tar may be than the blob, beyond the first `freeBytes`.
    /// gzip cannot do more than 1032.
    package var ratio: Int64
    package var freeBytes: Int64
    /// Whether `bytes` is what the disk has left.
    var isSpace = false
    /// Whether names that begin with `.wh.` are deletions, as in a layer; in any other archive they
    /// are names as others.
    var hasWhiteouts = true

    package init(
        bytes: Int64 = 256 << 30,
        entries: Int = 4_000_000,
        ratio: Int64 = 2000,
        freeBytes: Int64 = 4 << 30
    ) {
        self.bytes = bytes
        self.entries = entries
        self.ratio = ratio
        self.freeBytes = freeBytes
    }

    /// What is wrong with `what` that is larger than `bytes`.
    func excess(_ what: String) -> ImageStoreError.Problem {
        isSpace
            ? .full("\(what), of which the \(bytes) bytes that may be used hold only a part")
            : .limit("\(what) have more than \(bytes) bytes")
    }

    /// Directories whose description has to be remembered to the end, or that the layer does not
    /// describe: each takes memory.
    static let rememberedDirectories = 100_000
    /// Bytes of the paths of such directories, and of those that hide what is below them: they are
    /// what an unpacker reports.
    static let rememberedBytes = 16 << 20
}
