package import ContainerRuntime
import FoundationEssentials
import Glibc
import Linux
package import SystemPackage

/// One answer of a health check, as `inspect` shows it.
package struct ProbeResult: Codable, Hashable, Sendable {
    package var started: Timestamp
    package var ended: Timestamp
    /// 0 is healthy; -1 is one that took too long or could not be started.
    package var exitCode: Int32
    /// At most `maximumOutputBytes` of both streams.
    package var output: String

    package init(started: Timestamp, ended: Timestamp, exitCode: Int32, output: String) {
        self.started = started
        self.ended = ended
        self.exitCode = exitCode
        self.output = output
    }

    package static let maximumOutputBytes = 4096
    /// How many are kept. Docker's number.
    package static let kept = 5
}

/// That a supervisor has restarted or stopped a container since it became unhealthy.
package struct HealthIntervention: Codable, Equatable, Sendable {
    /// What was done.
    package var action: HealthAction
    /// When.
    package var at: Timestamp
    /// In a row.
    package var failures: Int
    /// The last failure.
    package var answer: ProbeResult

    /// Takes what was done, when and why.
    package init(action: HealthAction, at: Timestamp, failures: Int, answer: ProbeResult) {
        self.action = action
        self.at = at
        self.failures = failures
        self.answer = answer
    }
}

/// The last answers of a container's health check, in a file of its folder that the supervisor
/// writes and everybody may read.
package struct HealthLog: Codable, Equatable, Sendable {
    package var status: ContainerRecord.Health
    /// Failures in a row that count; nil in a file of an earlier version.
    package var failingStreak: Int?
    /// Newest last.
    package var probes: [ProbeResult]
    /// The last one in this run or those before; nil where there was none.
    package var intervention: HealthIntervention?

    /// Takes what was answered last.
    package init(status: ContainerRecord.Health, failingStreak: Int?, probes: [ProbeResult]) {
        self.status = status
        self.failingStreak = failingStreak
        self.probes = probes
    }

    private static let name: FilePath.Component = "health.json"

    /// What was answered last in the present or last run; nil without a health check.
    package static func read(from folder: FilePath) throws -> HealthLog? {
        do throws(SyscallError) {
            let bytes = try readFile(folder.appending(name), limit: 1 << 20)
            // `try?`: it is rewritten with each probe and holds nothing that is needed to go on.
            return try? JSONDecoder().decode(HealthLog.self, from: Data(bytes))
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// Replaces what was written before, at once or not at all.
    package func write(to folder: FilePath) throws {
        let bytes = [UInt8](try JSONEncoder().encode(self))
        try atomicWrite(bytes, to: folder.appending(Self.name), synced: false)
    }
}
