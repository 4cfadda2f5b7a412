import Glibc

/// A child that checks every so many'th input and tells on standard output where it is. When it
/// dies, the last number it told is the input that killed it.
struct Worker {
    let maker: InputMaker
    let settings: Settings

    /// Slower than this is a finding. Generous: the machine may be busy.
    static let slowSeconds = 2.0
    /// Address space of a child: an input that wants more crashes.
    private static let memoryLimit: UInt = 4 << 30

    func run(from first: Int) {
        var limit = rlimit(rlim_cur: Self.memoryLimit, rlim_max: Self.memoryLimit)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        var number = first
        while number < settings.count {
            say("at \(number)")
            let start = Self.processorSeconds()
            let (text, isAccepted) = Check.finding(maker.input(number))
            let seconds = Self.processorSeconds() - start
            if isAccepted { say("accepted") }
            if let text { say("finding \(number) \(Self.oneLine(text))") }
            if seconds > Self.slowSeconds { say("finding \(number) took \(seconds) s") }
            number += settings.workers
        }
        say("done")
    }

    private static func oneLine(_ text: String) -> String {
        String(text.prefix(4000)).replacing("\n", with: "\u{1}")
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 else { exit(1) }
            sent += count
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
