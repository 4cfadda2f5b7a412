import TextForms

/// A time as `formatdate` writes it: HCL's letters, which are repeated for their length.
struct BakeDate {
    private var year, month, day, hour, minute, second: Int
    private let weekday: Int

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let days = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    /// A time in UTC.
    init(nanoseconds: Int64) {
        let text = RFC3339.text(nanoseconds: nanoseconds, fraction: .none)
        let numbers = text.split { !("0"..."9").contains($0) }.map { Int($0) ?? 0 }
        (year, month, day) = (numbers[0], numbers[1], numbers[2])
        (hour, minute, second) = (numbers[3], numbers[4], numbers[5])
        let seconds = nanoseconds / 1_000_000_000
        weekday = Int(((seconds / 86400) % 7 + 7) % 7)
    }

    /// The time in a pattern. What stands in single quotes stays.
    func text(_ pattern: String, _ a: BakeArguments) throws(BakeFault) -> String {
        var (out, rest) = ("", pattern[...])
        while let first = rest.first {
            if first == "'" {
                rest.removeFirst()
                let quoted = rest.prefix { $0 != "'" }
                guard quoted.endIndex < rest.endIndex else {
                    throw a.fault("a quote of the pattern is not closed")
                }
                out += quoted
                rest = rest[quoted.endIndex...].dropFirst()
                continue
            }
            let run = rest.prefix { $0 == first }
            rest = rest[run.endIndex...]
            guard first.isASCII, first.isLetter else {
                out += run
                continue
            }
            guard let part = part(first, run.count) else {
                throw a.fault("\(run) is no part of a date")
            }
            out += part
        }
        return out
    }

    private func part(_ letter: Character, _ count: Int) -> String? {
        switch (letter, count) {
        case ("Y", 4): Self.padded(year, 4)
        case ("Y", 2): Self.padded(year % 100, 2)
        case ("M", 4): Self.months[month - 1]
        case ("M", 3): String(Self.months[month - 1].prefix(3))
        case ("M", 1...2): Self.padded(month, count)
        case ("D", 1...2): Self.padded(day, count)
        case ("E", 4): Self.days[weekday]
        case ("E", 3): String(Self.days[weekday].prefix(3))
        case ("h", 1...2): Self.padded(hour, count)
        case ("H", 1...2): Self.padded((hour + 11) % 12 + 1, count)
        case ("A", 2): hour < 12 ? "AM" : "PM"
        case ("a", 2): hour < 12 ? "am" : "pm"
        case ("m", 1...2): Self.padded(minute, count)
        case ("s", 1...2): Self.padded(second, count)
        case ("Z", 1): "Z"
        case ("Z", 3): "UTC"
        case ("Z", 4): "+0000"
        case ("Z", 5): "+00:00"
        default: nil
        }
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
