import ContainerRuntime
import Engine
import Glibc
import TextForms

/// A line as syslog's servers read it: RFC 3164 or RFC 5424, ended by a newline.
enum SyslogText {
    static func message(
        _ line: SentLine,
        _ origin: LineOrigin,
        _ form: LogDelivery.SyslogForm,
        facility: Int
    ) -> [UInt8] {
        let priority = "<\(facility << 3 | line.severity)>"
        let head =
            switch form {
            case .local: "\(stamp(line.time)) \(origin.tag)[\(origin.processID)]: "
            case .rfc3164:
                "\(stamp(line.time)) \(origin.host) \(origin.tag)[\(origin.processID)]: "
            case .rfc5424: rfc5424(line, origin, digits: 0)
            case .rfc5424micro: rfc5424(line, origin, digits: 6)
            }
        return Array((priority + head).utf8) + line.text + [UInt8(ascii: "\n")]
    }

    /// Version, time, host, program, process, kind of message, and no structured data.
    private static func rfc5424(_ line: SentLine, _ origin: LineOrigin, digits: Int) -> String {
        let whole = RFC3339.text(nanoseconds: line.time.nanoseconds)
        // `2026-01-02T15:04:05` and the digits of the second that are wanted.
        let time = whole.prefix(digits == 0 ? 19 : 20 + digits) + "Z"
        return "1 \(time) \(word(origin.host)) \(word(origin.tag)) \(origin.processID) "
            + "\(word(origin.tag)) - "
    }

    /// A field without spaces; `-` says that there is none.
    private static func word(_ text: String) -> String {
        let visible = text.unicodeScalars.filter { (33...126).contains($0.value) }
        return visible.isEmpty ? "-" : String(String.UnicodeScalarView(visible))
    }

    /// `Jan  2 15:04:05` in the machine's time: RFC 3164, section 4.1.2.
    private static func stamp(_ time: Timestamp) -> String {
        var seconds = time_t(time.nanoseconds / 1_000_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ filler: String = "0") -> String {
            number < 10 ? "\(filler)\(number)" : "\(number)"
        }
        return "\(months[Int(parts.tm_mon)]) \(padded(parts.tm_mday, " ")) "
            + "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
