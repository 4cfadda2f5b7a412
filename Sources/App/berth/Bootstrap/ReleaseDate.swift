/// The time a suite was published, out of its `InRelease` file:
/// `Date: Sat, 11 Jul 2026 10:16:37 UTC`.
enum ReleaseDate {
    /// Seconds since 1970; nil when the file says none.
    static func seconds(in release: String) -> Int64? {
        for line in release.split(whereSeparator: \.isNewline) where line.hasPrefix("Date:") {
            return seconds(of: line.dropFirst("Date:".count))
        }
        return nil
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(of text: Substring) -> Int64? {
        let words = text.split { $0.isWhitespace || $0 == "," }
        guard words.count >= 5, let day = Int64(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3])
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (1...31).contains(day), (1970...9999).contains(year) else {
            return nil
        }
        return days(year, Int64(month) + 1, day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// Days from 1970-01-01 in the Gregorian calendar, counting years from March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 719_468
    }
}
