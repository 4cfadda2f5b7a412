package import Engine
import Glibc

/// Processes as ps(1) shows them, for `top`: its columns by the words of its options.
package struct ProcessTable: Sendable {
    private let columns: [Column]

    private struct Column: Sendable {
        var title: String
        var text: @Sendable (ContainerProcess) -> String
    }

    /// What `ps` is told: nothing or `-ef` is the full form, `aux` the user's one, `-o` a list of
    /// columns, with a number of its own (`pid`) or not.
    /// - Throws: for an option or a column that is not known.
    package init(options: [String] = []) throws(DockerViewsError) {
        var words = options[...]
        var names: [String] = []
        while let word = words.popFirst() {
            switch word {
            case "-ef", "-e", "-f", "-A", "ef", "-eF": if names.isEmpty { names = Self.full }
            case "aux", "-aux", "au", "ax": names = Self.aux
            case "-o", "o", "-eo", "-Ao", "-axo", "axo": names += Self.list(words.popFirst() ?? "")
            case _ where word.hasPrefix("-o"): names += Self.list(String(word.dropFirst(2)))
            default:
                throw DockerViewsError(
                    .refused,
                    "top does not know the option `\(word)` of ps; it takes -ef, aux, and "
                        + "-o COLUMN,…"
                )
            }
        }
        var columns: [Column] = []
        for name in names.isEmpty ? Self.full : names {
            guard let column = Self.known[name] else {
                throw DockerViewsError(
                    .refused,
                    "top does not know the column `\(name)` of ps; it has "
                        + Self.known.keys.sorted().joined(separator: ", ")
                )
            }
            columns.append(column)
        }
        self.columns = columns
    }

    /// What stands above the columns.
    package var titles: [String] { columns.map(\.title) }

    /// The cells of each process.
    package func rows(_ processes: [ContainerProcess]) -> [[String]] {
        processes.map { process in columns.map { $0.text(process) } }
    }

    private static let full = ["uid", "pid", "ppid", "c", "stime", "tname", "time", "cmd"]
    private static let aux = [
        "user", "pid", "%cpu", "%mem", "vsz", "rss", "tname", "stat", "start_time", "bsdtime",
        "command",
    ]

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.prefix { $0 != "=" }) }
    }

    private static let known: [String: Column] = {
        var known = Dictionary(uniqueKeysWithValues: plain.map { ($0.name, $0.column) })
        for (name, title) in [("uid", "UID"), ("user", "USER")] {
            known[name] = Column(title: title) { $0.user }
        }
        for (name, title) in [("tty", "TT"), ("tt", "TT"), ("tname", "TTY")] {
            known[name] = Column(title: title) { terminal($0) }
        }
        for (name, title) in [("args", "COMMAND"), ("cmd", "CMD"), ("command", "COMMAND")] {
            known[name] = Column(title: title) { process in
                process.arguments.isEmpty
                    ? "[\(process.name)]" : process.arguments.joined(separator: " ")
            }
        }
        return known
    }()

    /// Those of one name that need nothing but the process.
    private static let plain: [(name: String, column: Column)] = [
        column("pid", "PID") { "\($0.pid)" },
        column("ppid", "PPID") { "\($0.parent)" },
        column("c", "C") { "\(min(99, Int(share($0))))" },
        column("stime", "STIME") { start($0) },
        column("start", "STARTED") { start($0) },
        column("start_time", "START") { start($0) },
        column("time", "TIME") { clock($0) },
        column("bsdtime", "TIME") { shortClock($0) },
        column("comm", "COMMAND") { $0.name },
        column("vsz", "VSZ") { "\($0.virtualBytes / 1024)" },
        column("rss", "RSS") { "\($0.residentBytes / 1024)" },
        column("stat", "STAT") { $0.state },
        column("s", "S") { $0.state },
        column("nlwp", "NLWP") { "\($0.threads)" },
        column("ni", "NI") { "\($0.nice)" },
        column("%cpu", "%CPU") { tenths(share($0)) },
        column("pcpu", "%CPU") { tenths(share($0)) },
        column("%mem", "%MEM") { tenths($0.memoryShare) },
        column("pmem", "%MEM") { tenths($0.memoryShare) },
    ]

    private static func column(
        _ name: String,
        _ title: String,
        _ text: @escaping @Sendable (ContainerProcess) -> String
    ) -> (name: String, column: Column) {
        (name, Column(title: title, text: text))
    }

    /// Per cent of one processor since it started.
    private static func share(_ process: ContainerProcess) -> Double {
        guard process.ageNanoseconds > 0 else { return 0 }
        return Double(process.computedNanoseconds) / Double(process.ageNanoseconds) * 100
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded(.down))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// `14:05` of today, `Nov28` of this year, else the year.
    private static func start(_ process: ContainerProcess) -> String {
        var (began, now) = (tm(), tm())
        var start = time_t(process.startedAtNanoseconds / 1_000_000_000)
        var present = time(nil)
        localtime_r(&start, &began)
        localtime_r(&present, &now)
        if began.tm_year != now.tm_year { return "\(1900 + began.tm_year)" }
        guard began.tm_yday == now.tm_yday else {
            return "\(months[Int(began.tm_mon)])\(two(Int(began.tm_mday)))"
        }
        return "\(two(Int(began.tm_hour))):\(two(Int(began.tm_min)))"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func clock(_ process: ContainerProcess) -> String {
        let seconds = Int(process.computedNanoseconds / 1_000_000_000)
        let days = seconds / 86_400
        let rest = "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return days > 0 ? "\(days)-\(rest)" : rest
    }

    private static func shortClock(_ process: ContainerProcess) -> String {
        let seconds = Int(process.computedNanoseconds / 1_000_000_000)
        return "\(seconds / 60):\(two(seconds % 60))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The device number of a terminal of devpts(5) is 136 and up, 256 of them each.
    private static func terminal(_ process: ContainerProcess) -> String {
        let major = process.terminal >> 8 & 0xfff
        let minor = process.terminal & 0xff | process.terminal >> 12 & 0xfff00
        switch major {
        case 136...143: return "pts/\((major - 136) * 256 + minor)"
        case 4 where minor < 64: return "tty\(minor)"
        default: return "?"
        }
    }
}
