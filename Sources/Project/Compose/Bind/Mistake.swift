import KernelNames
import TextForms

/// What is wrong with a value: the words of a problem without its place.
struct Mistake {
    var message: String
    var hint: String?
    /// It is one for `config`, too. Others are only for who runs the project: docker compose shows
    /// what its engine would refuse.
    var endsEveryLoad: Bool

    init(_ message: String, hint: String? = nil, endsEveryLoad: Bool = false) {
        self.message = message
        self.hint = hint
        self.endsEveryLoad = endsEveryLoad
    }

    /// The same, where it is a mistake for `config`, too.
    static func always(_ mistake: @escaping (String) -> Mistake) -> (String) -> Mistake {
        { text in
            var mistake = mistake(text)
            mistake.endsEveryLoad = true
            return mistake
        }
    }

    /// `"10.0.0" is not an IP address`
    static func isNot(_ kind: String, such example: String) -> (String) -> Mistake {
        { Mistake("\"\($0)\" is not \(kind)", hint: "such as \(example)") }
    }

    /// `unknown signal "SIGFOO"`, with the nearest of the words.
    static func unknown(
        _ kind: String,
        among words: [String],
        else hint: String? = nil
    ) -> (String) -> Mistake {
        { text in
            Mistake(
                "unknown \(kind) \"\(text)\"",
                hint: suggestion(for: text, among: words) ?? hint
                    ?? "one of \(words.joined(separator: ", "))"
            )
        }
    }

    static func capability(_ text: String) -> Mistake {
        let names = Capability.names.map { String($0.dropFirst("CAP_".count)) }
        let likely = text.uppercased() == "CAP_ALL" ? "write ALL" : nil
        return Mistake(
            "unknown capability \"\(text)\"",
            hint: likely ?? suggestion(for: text, among: names)
                ?? "ALL, or a name of capabilities(7), such as NET_ADMIN",
            endsEveryLoad: true
        )
    }

    static func signal(_ text: String) -> Mistake {
        always(
            unknown(
                "signal",
                among: Signal.names,
                else: "a name of signal(7), such as SIGINT, or a number from 1 to 64"
            )
        )(text)
    }

    static func restart(_ text: String) -> Mistake {
        Mistake(
            "unknown restart policy \"\(text)\"",
            hint: RestartDeclaration.hint(text),
            endsEveryLoad: true
        )
    }

    static func httpProbe(_ text: String) -> Mistake {
        if text.lowercased().hasPrefix("https://") {
            return Mistake(
                "a health check from outside speaks no TLS",
                hint: "http://…, or tcp: PORT, which is content with a connection"
            )
        }
        return Mistake(
            "\"\(text)\" is not an address to ask",
            hint:
                "such as http://localhost:8080/health; a host that is not localhost is an IP address"
        )
    }

    static func tcpProbe(_ text: String) -> Mistake {
        Mistake("\"\(text)\" is not a port to connect to", hint: "such as 5432 or 127.0.0.1:5432")
    }

    static func logProbe(_ text: String) -> Mistake {
        Mistake("\"\(text)\" is not a regular expression", hint: "ready to accept connections")
    }

    static func securityOption(_ text: String) -> Mistake {
        Mistake(
            "\"\(text)\" is not a security option",
            hint: "no-new-privileges, seccomp=unconfined or a file, apparmor=PROFILE, "
                + "label=disable or systempaths=unconfined"
        )
    }
}
