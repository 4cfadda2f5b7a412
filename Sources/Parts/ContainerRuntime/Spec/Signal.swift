/// Names and numbers of signals, in the words Docker accepts. signal(7).
package enum Signal {
    /// Reads `SIGTERM`, `TERM`, `15`, `RTMIN+3` or `SIGRTMAX-1`; case does not matter.
    /// nil for anything else and for numbers outside 1...64.
    package static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...lastRealTime).contains(number) ? number : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let number = numbers[name] { return number }
        return realTime(name)
    }

    /// `SIGTERM` of 15; the number itself where a signal has no name.
    package static func name(_ number: Int32) -> String {
        guard let name = ordinary.first(where: { $0.1 == number })?.0 else {
            return (firstRealTime...lastRealTime).contains(number)
                ? "SIGRTMIN+\(number - firstRealTime)" : "\(number)"
        }
        return "SIG\(name)"
    }

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
