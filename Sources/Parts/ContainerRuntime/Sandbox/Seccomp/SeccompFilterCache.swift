import CSeccomp
import Glibc
import Linux
import OCI
import SystemPackage

/// Compiled filters on disk: compiling one takes fifteen milliseconds, more than the rest of a
/// start. Only a cache: whatever is wrong with it, the filter is compiled again.
struct SeccompFilterCache: Sendable {
    /// A folder of ours.
    var folder: FilePath
    /// More profiles than this are not in use; then it starts again.
    var entryLimit = 64

    private static let byteLimit = 1 << 20
    private static let digestCount = 64

    /// The filter compiled earlier from the same inputs by the same libseccomp.
    func find(_ key: Digest) -> SeccompFilter? {
        // `try?`: a file that cannot be read is as good as none.
        guard let bytes = try? readFile(folder.appending(key.hex), limit: Self.byteLimit),
            bytes.count > Self.digestCount, (bytes.count - Self.digestCount) % 8 == 0
        else { return nil }
        let body = bytes.dropLast(Self.digestCount)
        // It was not synced: a crash of the machine may have left zeros.
        guard Digest.of(body).hex.utf8.elementsEqual(bytes.suffix(Self.digestCount)) else {
            return nil
        }
        return body.withUnsafeBytes { buffer in
            SeccompFilter(
                instructions: (0..<buffer.count / 8).map {
                    buffer.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
                }
            )
        }
    }

    /// Keeps a filter.
    func store(_ filter: SeccompFilter, _ key: Digest) {
        let body = filter.instructions.withUnsafeBytes { Array($0) }
        let bytes = body + Array(Digest.of(body).hex.utf8)
        // `try?`: without it the next start compiles again.
        if let names = try? DirectoryListing.names(in: SharedFD(openFile(folder, O_RDONLY))),
            names.count > entryLimit
        {
            try? removeTree(folder)
        }
        try? makeDirectories(folder)
        try? atomicWrite(bytes, to: folder.appending(key.hex), synced: false)
    }

    /// Names everything a filter depends on.
    static func key(
        json: String,
        _ circumstances: SeccompPolicy.Circumstances
    ) -> Digest {
        let version = seccomp_version().pointee
        let kernel = circumstances.kernel
        var hash = SHA256()
        // The first word changes when the compiler here does.
        hash.update(
            """
            1 \(version.major).\(version.minor).\(version.micro) \(circumstances.architecture) \
            \(kernel.major).\(kernel.minor) \(circumstances.capabilities.sorted())
            """.utf8
        )
        hash.update(json.utf8)
        return hash.finish()
    }
}
