/// A signal by its number, and its names in the words Docker accepts. signal(7).
package struct Signal: Hashable, Codable, Sendable {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    /// Reads `SIGTERM`, `TERM`, `15`, `RTMIN+3` or `SIGRTMAX-1`; case does not matter.
    /// nil for anything else and for numbers outside 1...64.
    package init?(_ text: String) {
        if let number = Int32(text) {
            guard (1...Self.lastRealTime).contains(number) else { return nil }
            self.number = number
            return
        }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        guard let number = Self.numbers[name] ?? Self.realTime(name) else { return nil }
        self.number = number
    }

    /// `SIGTERM` of 15; the number itself where a signal has no name.
    package var name: String {
        guard let name = Self.ordinary.first(where: { $0.1 == number })?.0 else {
            return (Self.firstRealTime...Self.lastRealTime).contains(number)
                ? "SIGRTMIN+\(number - Self.firstRealTime)" : "\(number)"
        }
        return "SIG\(name)"
    }

    /// Of those with names: `SIGHUP`, `SIGINT`, ….
    package static var names: [String] { ordinary.map { "SIG\($0.0)" } }

    /// glibc keeps 32 and 33 for itself; Docker counts from 34 too.
    private static let firstRealTime: Int32 = 34
    private static let lastRealTime: Int32 = 64

    private static func realTime(_ name: String) -> Int32? {
        let base: Int32
        let sign: Int32
        if name.hasPrefix("RTMIN") {
            (base, sign) = (firstRealTime, 1)
        } else if name.hasPrefix("RTMAX") {
            (base, sign) = (lastRealTime, -1)
        } else {
            return nil
        }
        let rest = name.dropFirst("RTMIN".count)
        if rest.isEmpty { return base }
        guard rest.first == (sign > 0 ? "+" : "-"), let offset = Int32(rest.dropFirst()),
            (0...lastRealTime - firstRealTime).contains(offset)
        else { return nil }
        return base + sign * offset
    }

    private static let ordinary: [(String, Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7),
        ("FPE", 8), ("KILL", 9), ("USR1", 10), ("SEGV", 11), ("USR2", 12), ("PIPE", 13),
        ("ALRM", 14), ("TERM", 15), ("STKFLT", 16), ("CHLD", 17), ("CONT", 18), ("STOP", 19),
        ("TSTP", 20), ("TTIN", 21), ("TTOU", 22), ("URG", 23), ("XCPU", 24), ("XFSZ", 25),
        ("VTALRM", 26), ("PROF", 27), ("WINCH", 28), ("IO", 29), ("PWR", 30), ("SYS", 31),
    ]
    private static let synonyms: [(String, Int32)] = [("IOT", 6), ("CLD", 17), ("POLL", 29)]
    private static let numbers = Dictionary(
        (ordinary + synonyms).map { ($0.0, $0.1) },
        uniquingKeysWith: { first, _ in first }
    )
}
