package import Engine
import TextForms

/// A moment as `--since` and `--until` take it: a time (`2026-01-02T15:04:05Z`, `2026-01-02`), seconds since
/// 1970, or how long ago (`10m`, `1h30m`, `42s`).
package enum TimeOption {
    /// Reads it as seen from `now`.
    package static func parse(_ text: String, now: Timestamp = .now()) throws -> Timestamp {
        if let time = Timestamp(text) ?? Timestamp(text + "Z") ?? Timestamp(text + "T00:00:00Z") {
            return time
        }
        if let seconds = Double(text), seconds >= 0, seconds < 1e10 {
            return Timestamp(nanoseconds: Int64(seconds * 1e9))
        }
        guard let ago = GoDuration.parse(text) else {
            throw DockerViewsError(
                .template,
                "failed to parse value as time or duration: \"\(text)\""
            )
        }
        let (time, overflows) = now.nanoseconds.subtractingReportingOverflow(ago)
        return Timestamp(nanoseconds: overflows ? .max : time)
    }

    /// The time between `--since` and `--until`; nil is now, and for ever.
    package static func span(
        _ since: String?,
        _ until: String?,
        now: Timestamp
    ) throws -> (since: Timestamp?, until: Timestamp?) {
        let from = try since.map { try parse($0, now: now) }
        let to = try until.map { try parse($0, now: now) }
        guard let from, let to, from > to else { return (from, to) }
        let seconds = [from, to].map { $0.nanoseconds / 1_000_000_000 }
        throw DockerViewsError(
            .refused,
            "`since` time (\(seconds[0])) cannot be after `until` time (\(seconds[1]))"
        )
    }
}
