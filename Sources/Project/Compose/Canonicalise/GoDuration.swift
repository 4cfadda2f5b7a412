/// Time spans as Go reads and writes them, with days and weeks on top.
enum GoDuration {
    /// Nanoseconds; nil for text that is no duration.
    static func parse(_ text: String) -> Int64? {
        var rest = text[...]
        var isNegative = false
        if rest.first == "-" || rest.first == "+" { isNegative = rest.removeFirst() == "-" }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = part(&rest) else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard !overflows else { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    /// Reads one number with its unit.
    private static func part(_ rest: inout Substring) -> Int64? {
        let number = Substring(rest.utf8.prefix(while: isOfNumber))
        rest = rest[number.endIndex...]
        let unit = Substring(rest.utf8.prefix { !isOfNumber($0) })
        rest = rest[unit.endIndex...]
        guard let nanoseconds = units[String(unit)] else { return nil }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        guard let whole = parts[0].isEmpty ? 0 : Int64(parts[0]) else { return nil }
        let (span, overflows) = whole.multipliedReportingOverflow(by: nanoseconds)
        guard !overflows else { return nil }
        guard parts.count == 2, !parts[1].isEmpty else { return span }
        guard let fraction = Double("0." + parts[1]) else { return nil }
        let (sum, isTooLong) = span.addingReportingOverflow(Int64(fraction * Double(nanoseconds)))
        return isTooLong ? nil : sum
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: ".")
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
        "w": 604_800_000_000_000,
    ]

    /// `1h0m0s`, `1m30s`, `1.5s`, `500ms`, `0s`
    static func described(_ nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let span = nanoseconds.magnitude
        if span < 1000 { return "\(sign)\(span)ns" }
        if span < 1_000_000 { return sign + decimal(span, 1000) + "µs" }
        if span < 1_000_000_000 { return sign + decimal(span, 1_000_000) + "ms" }
        let minutes = span / 60_000_000_000
        let seconds = decimal(span % 60_000_000_000, 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        let hours = minutes / 60
        return sign + (hours > 0 ? "\(hours)h" : "") + "\(minutes % 60)m" + seconds
    }

    /// A quotient without trailing zeros.
    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        let rest = value % unit
        guard rest > 0 else { return String(value / unit) }
        var digits = String(rest)
        digits = String(repeating: "0", count: String(unit).count - 1 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(value / unit).\(digits)"
    }
}
