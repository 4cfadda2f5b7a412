/// Times as RFC 3339 writes them, which logs, images and docker's JSON use. A time is counted in
/// nanoseconds since 1970 UTC.
package enum RFC3339 {
    /// How many digits of the second are written.
    package enum Fraction: Sendable {
        /// Always nine: docker's logs.
        case nineDigits
        /// As many as are needed, none for a whole second: Go's `RFC3339Nano`.
        case shortest
        /// None: what is below a second is cut off.
        case none
    }

    /// The time in UTC: `2026-01-02T15:04:05.000000006Z`.
    package static func text(nanoseconds: Int64, fraction: Fraction = .nineDigits) -> String {
        let (seconds, below) = split(nanoseconds, by: 1_000_000_000)
        let (days, rest) = split(seconds, by: 86_400)
        let (year, month, day) = civil(days: days)
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T"
            + "\(digits(rest / 3600, 2)):\(digits(rest / 60 % 60, 2)):\(digits(rest % 60, 2))"
            + decimals(below, fraction) + "Z"
    }

    private static func decimals(_ nanoseconds: Int64, _ fraction: Fraction) -> String {
        switch fraction {
        case .nineDigits: return "." + digits(nanoseconds, 9)
        case .none: return ""
        case .shortest:
            guard nanoseconds > 0 else { return "" }
            var text = digits(nanoseconds, 9)
            while text.last == "0" { text.removeLast() }
            return "." + text
        }
    }

    /// Reads a time with any number of fraction digits (those after the ninth are cut off), `Z` or
    /// an offset. nil for anything else, and for years that do not fit (from 2262 on).
    package static func parse(_ text: some StringProtocol) -> Int64? {
        var text = String(text)
        return text.withUTF8 { parse($0) }
    }

    /// Reads from bytes, without making a string. The whole buffer must be the time.
    package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for index in range {
                let digit = bytes[index] &- 48
                guard digit <= 9 else { return nil }
                value = value * 10 + Int64(digit)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] | 32 == 116,
            bytes[13] == 58, bytes[16] == 58,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        guard let fraction = fraction(bytes, &index),
            let offset = offsetSeconds(UnsafeBufferPointer(rebasing: bytes[index...]))
        else { return nil }
        let days = self.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        // A log may say anything.
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = scaled.addingReportingOverflow(fraction)
        return isTooLarge || overflows ? nil : sum
    }

    /// Nanoseconds behind a point; 0 without one, nil for a point alone.
    private static func fraction(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Int64?
    {
        guard bytes[index] == UInt8(ascii: ".") else { return 0 }
        index += 1
        let start = index
        var value: Int64 = 0
        while index < bytes.count, bytes[index] &- 48 <= 9 {
            if index - start < 9 { value = value * 10 + Int64(bytes[index] - 48) }
            index += 1
        }
        guard index > start else { return nil }
        for _ in min(index - start, 9)..<9 { value *= 10 }
        return value
    }

    /// `Z` or `±hh:mm`.
    private static func offsetSeconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        if bytes.count == 1, bytes[0] | 32 == 122 { return 0 }
        guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58 else { return nil }
        var value: Int64 = 0
        for (index, weight) in [(1, 36_000), (2, 3600), (4, 600), (5, 60)] as [(Int, Int64)] {
            let digit = bytes[index] &- 48
            guard digit <= 9 else { return nil }
            value += Int64(digit) * weight
        }
        return bytes[0] == 45 ? -value : value
    }

    /// Quotient and never negative remainder.
    private static func split(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let rest = value % divisor
        return rest < 0 ? (value / divisor - 1, rest + divisor) : (value / divisor, rest)
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Days since 1970 of a proleptic Gregorian date (Hinnant, "chrono-compatible date algorithms").
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
