import Engine

/// A moment as `--since` and `--until` take it: a time (`2026-01-02T15:04:05Z`, `2026-01-02`), seconds since
/// 1970, or how long ago (`10m`, `1h30m`, `42s`).
enum Moment {
    static func parse(_ text: String, now: Timestamp = .now()) throws -> Timestamp {
        if let time = Timestamp(text) ?? Timestamp(text + "Z") ?? Timestamp(text + "T00:00:00Z") {
            return time
        }
        if let seconds = Double(text), seconds >= 0, seconds < 1e10 {
            return Timestamp(nanoseconds: Int64(seconds * 1e9))
        }
        guard let ago = nanoseconds(text) else {
            throw Failure(
                "cannot read the time \"\(text)\"; write 2026-01-02T15:04:05Z, or how long ago: 10m"
            )
        }
        return Timestamp(nanoseconds: now.nanoseconds - ago)
    }

    /// Numbers with units `h`, `m`, `s`, `ms`, one after another.
    private static func nanoseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [("ms", 1e6), ("h", 3.6e12), ("m", 6e10), ("s", 1e9)]
        var rest = Substring(text)
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            guard let value = Double(number) else { return nil }
            rest = rest.dropFirst(number.count)
            guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
            rest = rest.dropFirst(unit.0.count)
            total += value * unit.1
        }
        return text.isEmpty || total > 9e18 ? nil : Int64(total)
    }
}
