import ArgumentParser
import Glibc

/// Flags of docker's command line that say something of the container as attributes of a compose
/// file do.
protocol ServiceFlags: ParsableArguments {
    /// Says it.
    /// - Throws: a `Failure` for what no attribute has, or what is written wrongly.
    func write(to service: inout FlaggedService) throws
}

extension ServiceFlags {
    /// What docker says of a value that is not as the flag wants it.
    static func mistake(_ value: String, of flag: String, _ reason: String) -> Failure {
        Failure(usage: "invalid argument \"\(value)\" for \"\(flag)\" flag: \(reason)")
    }

    /// What is not carried out, by the flag's name, and why.
    static func refusal(_ flag: String, _ reason: String) -> Failure {
        Failure("berth does not carry out `\(flag)`: \(reason)", exitCode: 125)
    }

    /// `key=value` texts; one without a sign has an empty value.
    static func pairs(_ texts: [String]) -> [String: FlaggedService.Value] {
        var pairs: [String: FlaggedService.Value] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            pairs[String(parts[0])] = .text(parts.count > 1 ? String(parts[1]) : "")
        }
        return pairs
    }

    /// Refuses a file that cannot be read, in docker's words.
    static func checkReadable(_ path: String) throws {
        guard access(path, R_OK) != 0 else { return }
        let reason = errno == EACCES ? "permission denied" : "no such file or directory"
        throw Failure("open \(path): \(reason)", exitCode: 125)
    }
}
