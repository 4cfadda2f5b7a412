import Glibc
package import Linux
package import SystemPackage

/// What a supervisor writes into its lock file once it holds the lock, so that the keepers of its
/// containers can find it and watch it: `<pid> <start time>` and a line feed, and after them, at a
/// fixed place, the folder that it listens in, for whoever looks for it in another.
package enum SupervisorMark {
    /// The calling process's mark.
    package static func text() throws -> String {
        "\(getpid()) \(try ProcessStat(of: getpid()).startTime())\n"
    }

    /// Writes the calling process's mark into its lock file. Always over the same few bytes, so that
    /// a full disk does not keep a supervisor from taking its predecessor's place. A run folder with
    /// a name that does not fit is left out.
    package static func write(to path: FilePath, run: FilePath) throws {
        var folder = Array(run.string.utf8)
        if folder.count >= folderLength { folder = [] }
        try openFile(path, O_WRONLY).writeAll(
            padded(Array(try text().utf8), to: length) + padded(folder, to: folderLength)
        )
    }

    private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(count - bytes.count, 0))
    }

    private static let length = 48
    private static let folderLength = 464

    /// The folder that the process named in a lock file listens in; nil where it does not say, as
    /// earlier versions.
    package static func runFolder(in path: FilePath) throws -> FilePath? {
        let folder = try readFile(path, limit: 4096).dropFirst(length).prefix { $0 > 0 }
        return folder.isEmpty ? nil : FilePath(String(decoding: folder, as: UTF8.self))
    }

    /// The process that a lock file names, if it is alive and still the same. Its word counts only
    /// while somebody holds the lock.
    package static func holder(in path: FilePath) throws -> ProcessFD? {
        let text = String(
            decoding: try readFile(path, limit: 4096).prefix { $0 > 0 },
            as: UTF8.self
        )
        let numbers = text.split(whereSeparator: \.isWhitespace)
        guard numbers.count == 2, let pid = Int32(numbers[0]), let start = UInt64(numbers[1]) else {
            return nil
        }
        return try ProcessIdentity(pid: pid, startTime: start, bootID: bootID()).open()
    }
}
