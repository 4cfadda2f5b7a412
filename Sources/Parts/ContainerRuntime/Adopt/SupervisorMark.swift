import Glibc
import Linux

/// What a supervisor writes into its lock file once it holds the lock, so that the keepers of its
/// containers can find it and watch it: `<pid> <start time>` and a line feed.
package enum SupervisorMark {
    /// The calling process's mark.
    package static func text() throws -> String {
        "\(getpid()) \(try startTime(of: getpid()))\n"
    }
}
