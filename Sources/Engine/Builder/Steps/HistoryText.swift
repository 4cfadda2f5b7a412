import TextForms

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
        var parts = [copy.keyword]
        if let owner = copy.owner { parts.append("--chown=\(owner)") }
        if let mode = copy.mode { parts.append("--chmod=\(mode)") }
        parts += sources + copy.inlineFiles.map { "<<\($0.name)" } + [destination, "# buildkit"]
        return parts.joined(separator: " ")
    }

    /// `CMD ["sh" "-c" "x"]`.
    static func quoted(_ keyword: String, _ words: [String]) -> String {
        "\(keyword) [\(words.map { GoQuote.quoted($0) }.joined(separator: " "))]"
    }

    /// `EXPOSE [80/tcp]`.
    static func list(_ keyword: String, _ words: [String]) -> String {
        "\(keyword) [\(words.joined(separator: " "))]"
    }

    /// `HEALTHCHECK &{["CMD-SHELL" "x"] "30s" "0s" "0s" "0s" '\x00'}`, which is how Go prints it.
    static func healthcheck(_ check: HealthcheckInstruction) -> String {
        let times = [check.interval, check.timeout, check.startPeriod, check.startInterval]
            .map { "\"\(GoDuration.text($0 ?? .zero))\"" }.joined(separator: " ")
        let test = check.test.map { GoQuote.quoted($0) }.joined(separator: " ")
        let retries = String(check.retries ?? 0, radix: 16)
        let padded = retries.count < 2 ? "0" + retries : retries
        return "HEALTHCHECK &{[\(test)] \(times) '\\x\(padded)'}"
    }
}
