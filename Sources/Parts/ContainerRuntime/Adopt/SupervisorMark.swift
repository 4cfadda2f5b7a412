import Glibc
package import Linux
package import SystemPackage

/// What a supervisor writes into its lock file once it holds the lock, so that the keepers of its
/// containers can find it and watch it: `<pid> <start time>` and a line feed.
package enum SupervisorMark {
    /// The calling process's mark.
    package static func text() throws -> String {
        "\(getpid()) \(try ProcessStat(of: getpid()).startTime())\n"
    }

    /// Writes the calling process's mark into its lock file. Always over the same few bytes, so that
    /// a full disk does not keep a supervisor from taking its predecessor's place.
    package static func write(to path: FilePath) throws {
        let text = Array(try text().utf8)
        let padded = text + [UInt8](repeating: 0, count: max(length - text.count, 0))
        try openFile(path, O_WRONLY).writeAll(padded)
    }

    private static let length = 48

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
