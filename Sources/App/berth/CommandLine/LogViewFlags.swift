import ArgumentParser
import DockerViews
import Glibc

/// Which lines of logs are shown, and what of them: flags that only berth has.
struct LogViewFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only lines in which this is found, as `grep -E` reads it; of those that --tail leaves.",
            valueName: "expression"
        )
    )
    var grep: String?

    @Flag(name: .customLong("ignore-case"), help: "Of --grep: capital letters or small ones.")
    var ignoresCase = false

    @Option(
        help: ArgumentHelp(
            "Of lines that are JSON objects only these members, in this order: level,msg,http.status. "
                + "Other lines stay whole.",
            valueName: "name,…"
        )
    )
    var fields: String?

    @Option(
        name: .customLong("time-zone"),
        help: ArgumentHelp(
            "Show when each line was received in this zone: local, UTC, or a name like Europe/Paris.",
            valueName: "zone"
        ),
        completion: .list(["local", "UTC"])
    )
    var timeZone: String?

    func check() throws {
        if let grep, NamePattern(grep) == nil {
            throw ValidationError("--grep: \"\(grep)\" is not a regular expression; see regex(7)")
        }
        if ignoresCase, grep == nil { throw ValidationError("--ignore-case needs --grep") }
        if let fields, names(in: fields).isEmpty {
            throw ValidationError("--fields takes names with commas between them")
        }
        if let timeZone, !Self.isKnown(timeZone) {
            throw ValidationError(
                "--time-zone: this machine knows no zone \"\(timeZone)\"; names are those below "
                    + "/usr/share/zoneinfo (package tzdata)"
            )
        }
    }

    func apply(to options: inout LogPrinter.Options) {
        options.expression = grep
        options.ignoresCase = ignoresCase
        options.fields = fields.map(names) ?? []
        guard let timeZone else { return }
        options.showsTime = true
        options.usesZone = timeZone.uppercased() != "UTC"
        if timeZone != "local" {
            setenv("TZ", timeZone, 1)
            tzset()
        }
    }

    private func names(in text: String) -> [String] {
        text.split(separator: ",").map { String($0.trimmingPrefix(" ")) }.filter { !$0.isEmpty }
    }

    /// glibc takes any word for UTC, so that a mistake would be shown as a wrong time.
    private static func isKnown(_ zone: String) -> Bool {
        if ["local", "UTC"].contains(zone) { return true }
        guard !zone.isEmpty, !zone.hasPrefix("/"), !zone.split(separator: "/").contains("..") else {
            return false
        }
        let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
        var status = stat()
        return stat("\(folder)/\(zone)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
