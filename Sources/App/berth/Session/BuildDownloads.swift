import Builder
import Glibc
import Linux
import Registry
import SystemPackage

/// How ADD gets files from http and https addresses.
enum BuildDownloads {
    /// Most bytes of one file; what is larger is no source of an image.
    private static let limit = 64 << 30

    /// The whole of a small file.
    @Sendable static func small(_ address: String, limit: Int) async throws -> [UInt8] {
        try await FileDownload.bytes(
            of: address,
            proxies: ProxySettings(environment: Machine.environment()),
            limit: limit
        )
    }

    /// Brings a file into `target`; nil where the server says that it is what the mark says.
    @Sendable static func get(
        _ address: String,
        _ known: RemoteFileMark?,
        _ target: FilePath
    ) async throws -> RemoteFileMark? {
        let file = SharedFD(
            try openFile(target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        )
        var asked: FileDownload.Answer?
        if let known, known.entityTag != nil || known.lastModified != nil {
            asked = FileDownload.Answer()
            asked?.entityTag = known.entityTag
            asked?.lastModified = known.lastModified
        }
        var count = 0
        let answer = try await FileDownload.get(
            address,
            proxies: ProxySettings(environment: Machine.environment()),
            known: asked
        ) { bytes in
            count += bytes.count
            guard count <= limit else {
                throw FileDownload.Failure(
                    address: address,
                    reason: "larger than \(limit >> 30) GiB"
                )
            }
            try file.duplicate().writeAll(bytes)
        }
        if answer.isUnchanged {
            try removeTree(target)
            return nil
        }
        var mark = RemoteFileMark()
        mark.entityTag = answer.entityTag
        mark.lastModified = answer.lastModified
        mark.modifiedSeconds = answer.modifiedSeconds
        mark.fileName = answer.fileName
        return mark
    }
}
