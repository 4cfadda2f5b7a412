/// What the history of an image says about a step, word for word as BuildKit writes it.
enum HistoryText {
    /// `RUN |1 A=b /bin/sh -c make # buildkit`.
    static func run(
        _ words: [String],
        arguments: [(name: String, value: String)]
    ) -> String {
        var parts = arguments.map { "\($0.name)=\($0.value)" }
        if !parts.isEmpty { parts.insert("|\(parts.count)", at: 0) }
        return (["RUN"] + parts + words + ["# buildkit"]).joined(separator: " ")
    }

    /// `COPY --chown=1:1 a /b # buildkit`.
    static func copy(_ copy: CopyInstruction, sources: [String], destination: String) -> String {
        var parts = ["COPY"]
        if let owner = copy.owner { parts.append("--chown=\(owner)") }
        if let mode = copy.mode { parts.append("--chmod=\(mode)") }
        parts += sources + copy.inlineFiles.map { "<<\($0.name)" } + [destination, "# buildkit"]
        return parts.joined(separator: " ")
    }

    /// `CMD ["sh" "-c" "x"]`.
    static func quoted(_ keyword: String, _ words: [String]) -> String {
        "\(keyword) [\(words.map(quoted).joined(separator: " "))]"
    }

    /// `EXPOSE [80/tcp]`.
    static func list(_ keyword: String, _ words: [String]) -> String {
        "\(keyword) [\(words.joined(separator: " "))]"
    }

    /// `HEALTHCHECK &{["CMD-SHELL" "x"] "30s" "0s" "0s" "0s" '\x00'}`, which is how Go prints it.
    static func healthcheck(_ check: HealthcheckInstruction) -> String {
        let times = [check.interval, check.timeout, check.startPeriod, check.startInterval]
            .map { "\"\(duration($0 ?? .zero))\"" }.joined(separator: " ")
        let test = check.test.map(quoted).joined(separator: " ")
        let retries = String(check.retries ?? 0, radix: 16)
        let padded = retries.count < 2 ? "0" + retries : retries
        return "HEALTHCHECK &{[\(test)] \(times) '\\x\(padded)'}"
    }

    /// As Go prints durations: `1m30s`, `1.5s`, `300ms`.
    static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if seconds == 0 {
            let nanoseconds = attoseconds / 1_000_000_000
            if nanoseconds == 0 { return "0s" }
            if nanoseconds < 1_000_000 {
                return decimal(nanoseconds, unit: 1000, "µs")
            }
            return decimal(nanoseconds, unit: 1_000_000, "ms")
        }
        let fraction = attoseconds / 1_000_000_000
        let rest = decimal(seconds % 60 * 1_000_000_000 + fraction, unit: 1_000_000_000, "s")
        if seconds < 60 { return rest }
        let minutes = "\(seconds / 60 % 60)m\(rest)"
        return seconds < 3600 ? minutes : "\(seconds / 3600)h\(minutes)"
    }

    private static func decimal(_ value: Int64, unit: Int64, _ name: String) -> String {
        var fraction = String(value % unit)
        fraction = String(repeating: "0", count: String(unit).count - 1 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(value / unit)\(fraction.isEmpty ? "" : "." + fraction)\(name)"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
