/// Time spans as Go reads and writes them (`time.ParseDuration`, `Duration.String`): `1h30m`,
/// `1.5s`, `300ms`. Counted in nanoseconds, up to 292 years either way.
package enum GoDuration {
    /// Which units a text may use.
    package enum Units: Sendable {
        /// Go's own: `ns`, `us`, `µs`, `ms`, `s`, `m`, `h`.
        case go
        /// Those and compose's `d` (24 hours) and `w` (seven days).
        case daysAndWeeks
    }

    /// Nanoseconds; nil for text that is not a duration or does not fit.
    package static func parse(_ text: some StringProtocol, units: Units = .go) -> Int64? {
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual("0".utf8) { return 0 }
        guard !rest.isEmpty else { return nil }
        // The most negative span has no positive counterpart: count in the magnitude.
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = part(&rest, units) else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(part)
            guard !overflows, sum <= 1 << 63 else { return nil }
            total = sum
        }
        if isNegative { return total == 1 << 63 ? .min : -Int64(total) }
        return Int64(exactly: total)
    }

    /// Reads one number with its unit. A fraction is cut at whole nanoseconds, as Go does.
    private static func part(_ rest: inout Substring.UTF8View, _ units: Units) -> UInt64? {
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        var fraction = rest[rest.startIndex..<rest.startIndex]
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest[name.endIndex...]
        guard let unit = nanoseconds[String(Substring(name))], let count = number(whole),
            unit < day || units == .daysAndWeeks
        else { return nil }
        let (span, overflows) = count.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        let (sum, isTooLong) = span.addingReportingOverflow(part(of: unit, fraction))
        return isTooLong ? nil : sum
    }

    private static func number(_ digits: Substring.UTF8View) -> UInt64? {
        digits.isEmpty ? 0 : UInt64(Substring(digits))
    }

    /// What the digits behind a point are of the unit.
    private static func part(of unit: UInt64, _ fraction: Substring.UTF8View) -> UInt64 {
        var value: UInt64 = 0
        var scale = 1.0
        for digit in fraction {
            // Digits that no longer fit cannot make a nanosecond.
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10)
            guard !overflows, shifted <= 1 << 62 else { break }
            value = shifted + UInt64(digit - UInt8(ascii: "0"))
            scale *= 10
        }
        return UInt64(Double(value) * (Double(unit) / scale))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let day: UInt64 = 86_400_000_000_000

    private static let nanoseconds: [String: UInt64] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000, "d": day, "w": 7 * day,
    ]

    /// `1h0m0s`, `1m30s`, `1.5s`, `500ms`, `0s`.
    package static func text(nanoseconds: Int64) -> String {
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

    /// The same of a span of the standard library; what is below a nanosecond is left out.
    package static func text(_ duration: Duration) -> String {
        let nanoseconds = duration.attoseconds / 1_000_000_000
        return text(nanoseconds: Int64(clamping: nanoseconds))
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
