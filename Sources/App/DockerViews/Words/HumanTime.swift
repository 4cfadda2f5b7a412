package import Engine
import Glibc

/// Moments in listings.
package enum HumanTime {
    /// `3 weeks ago`; `N/A` for what nobody knows and for times before images were made.
    package static func since(_ moment: Timestamp?, now: Timestamp) -> String {
        let year2000: Int64 = 946_684_800_000_000_000
        guard let moment, moment.nanoseconds >= year2000 else { return "N/A" }
        return ago(moment, now: now)
    }

    /// `3 weeks ago`, whenever it was.
    static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let elapsed = max(0, now.nanoseconds - moment.nanoseconds)
        return "\(HumanDuration.text(.nanoseconds(elapsed))) ago"
    }

    /// As Go prints a time, in the time zone of this machine: `2026-01-02 03:04:05 +0000 UTC`.
    package static func local(_ moment: Timestamp) -> String {
        formatted(moment, "%Y-%m-%d %H:%M:%S %z %Z")
    }

    /// The same with the fraction that it has, in UTC: `2026-01-02 03:04:05.06 +0000 UTC`.
    package static func precise(_ moment: Timestamp) -> String {
        moment.description.replacing("T", with: " ").replacing("Z", with: " +0000 UTC")
    }

    /// RFC 3339 with nine digits of a fraction, in the time zone of this machine.
    package static func nanoseconds(_ moment: Timestamp) -> String {
        let fraction = "\(moment.nanoseconds % 1_000_000_000 + 1_000_000_000)".dropFirst()
        let text = rfc3339(moment)
        return "\(text.prefix(19)).\(fraction)\(text.dropFirst(19))"
    }

    /// RFC 3339 without a fraction, in the time zone of this machine.
    package static func rfc3339(_ moment: Timestamp) -> String {
        let text = formatted(moment, "%Y-%m-%dT%H:%M:%S%z")
        guard !text.hasSuffix("+0000") else { return text.dropLast(5) + "Z" }
        return text.dropLast(2) + ":" + text.suffix(2)
    }

    /// With six digits of a fraction, in the time zone of this machine: `2026-01-02 15:04:05.000000`.
    static func microseconds(_ moment: Timestamp) -> String {
        let fraction = "\(moment.nanoseconds / 1000 % 1_000_000 + 1_000_000)".dropFirst()
        return "\(formatted(moment, "%Y-%m-%d %H:%M:%S")).\(fraction)"
    }

    private static func formatted(_ moment: Timestamp, _ format: String) -> String {
        var seconds = time_t((Double(moment.nanoseconds) / 1e9).rounded(.down))
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
