/// Durations as Go writes them: `1h30m`, `1.5s`, `300ms`.
enum GoDuration {
    private static let nanoseconds: [(unit: String, count: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10),
        ("h", 3.6e12),
    ]

    /// nil for anything that Go's `time.ParseDuration` does not read.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest.removeFirst()
        }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            rest = rest.dropFirst(unit.count)
            let padded = number.hasPrefix(".") ? "0" + number : String(number)
            guard number.contains(where: \.isNumber), let value = Double(padded),
                let scale = nanoseconds.first(where: { $0.unit == unit })
            else { return nil }
            total += value * scale.count
        }
        guard total < 9e18 else { return nil }
        return .nanoseconds(Int64(sign * total))
    }
}
