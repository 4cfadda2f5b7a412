import Glibc
import NIOHTTP1

/// `Retry-After`, RFC 9110, 10.2.3: seconds, or a date.
enum RetryAfter {
    /// How long a server wishes us to wait; never negative, an hour at most. A date counts from the
    /// answer's own `Date`, since the two clocks need not agree.
    static func duration(_ headers: HTTPHeaders) -> Duration? {
        guard let text = headers.first(name: "Retry-After") else { return nil }
        let seconds: Int
        if let number = Int(text) {
            seconds = number
        } else if let then = HTTPDate.seconds(text) {
            let now = headers.first(name: "Date").flatMap(HTTPDate.seconds) ?? time(nil)
            seconds = then - now
        } else {
            return nil
        }
        return .seconds(min(max(seconds, 0), 3600))
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; nil for what is no date of this form.
    static func seconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int32(words[3])
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3, (1970...9999).contains(year), (1...31).contains(day) else {
            return nil
        }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (clock[0], clock[1], clock[2])
        return timegm(&parts)
    }
}
