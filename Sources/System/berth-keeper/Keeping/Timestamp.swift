import CLinux

/// Time as logs carry it: RFC 3339 in UTC with up to nine decimals, trailing zeros left out.
struct Timestamp {
    private let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 40)
    private var count = 0
    private var second: Int64 = -1

    var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: memory, count: count) }

    /// Most calls fall into the second of the one before: then only the decimals change.
    mutating func set(_ nanoseconds: Int64) {
        let second = nanoseconds / 1_000_000_000
        if second != self.second {
            self.second = second
            writeSecond(second)
        }
        count = 19
        var fraction = nanoseconds % 1_000_000_000
        if fraction > 0 {
            var digits = 9
            while fraction % 10 == 0 {
                fraction /= 10
                digits -= 1
            }
            memory[19] = UInt8(ascii: ".")
            write(fraction, at: 20, digits: digits)
            count = 20 + digits
        }
        memory[count] = UInt8(ascii: "Z")
        count += 1
    }

    /// Days to a date by eras of 400 years (Hinnant, "chrono-compatible low-level date
    /// algorithms").
    private func writeSecond(_ second: Int64) {
        let days = second / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        write(year, at: 0, digits: 4)
        memory[4] = UInt8(ascii: "-")
        write(month, at: 5, digits: 2)
        memory[7] = UInt8(ascii: "-")
        write(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, at: 8, digits: 2)
        memory[10] = UInt8(ascii: "T")
        let rest = second % 86_400
        write(rest / 3600, at: 11, digits: 2)
        memory[13] = UInt8(ascii: ":")
        write(rest / 60 % 60, at: 14, digits: 2)
        memory[16] = UInt8(ascii: ":")
        write(rest % 60, at: 17, digits: 2)
    }

    private func write(_ number: Int64, at offset: Int, digits: Int) {
        var rest = number
        for place in (0..<digits).reversed() {
            memory[offset + place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        }
    }
}
