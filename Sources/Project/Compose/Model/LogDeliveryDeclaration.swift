import OrderedCollections

/// What a driver that sends elsewhere is asked for, read from its options.
package struct LogDeliveryDeclaration: Hashable, Sendable {
    /// In which form lines are sent.
    package enum Form: Hashable, Sendable {
        /// `facility` is 0 (kern) to 23 (local7): RFC 5424, section 6.2.1.
        case syslog(SyslogForm, facility: Int)
        case journald
        case gelf
        /// Times with nanoseconds, where that is asked for, else in seconds.
        case fluentd(isPrecise: Bool)
    }

    /// `syslog-format`.
    package enum SyslogForm: String, Hashable, Sendable {
        /// As the C library's syslog(3) writes to the local socket: without a host name.
        case local = ""
        case rfc3164
        case rfc5424
        /// With microseconds.
        case rfc5424micro
    }

    /// By the driver.
    package var form: Form
    /// nil for the machine's own: the socket of its syslog, or of its journal.
    package var address: LogAddress?
    /// A Go template; nil for Docker's, the first 12 digits of the container's identifier.
    package var tag: String?
    /// Names of labels that go with each line, as variables and more of both by expression do.
    package var labels: [String] = []
    /// `labels-regex`.
    package var labelsExpression: String?
    /// `env`.
    package var variables: [String] = []
    /// `env-regex`.
    package var variablesExpression: String?
    /// `fluentd-async`: the server may be away when a container starts.
    package var isAsynchronous = false

    static let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
        "authpriv", "ftp", nil, nil, nil, nil, "local0", "local1", "local2", "local3", "local4",
        "local5", "local6", "local7",
    ]

    /// The number of a facility by name or number.
    static func facility(_ text: String) -> Int? {
        if let number = Int(text), facilities.indices.contains(number) { return number }
        return facilities.firstIndex { $0 != nil && $0 == text }
    }

    /// How each driver's address is written; nil for a driver that has none.
    static func addressRule(of driver: LoggingDeclaration.Driver) -> (
        key: String, rule: LogAddress.Rule
    )? {
        switch driver {
        case .syslog:
            let rule = LogAddress.Rule(
                transports: [.tcp, .udp, .unix, .unixgram],
                port: 514,
                example: "udp://HOST:514, tcp://HOST:514 or unixgram:///dev/log"
            )
            return ("syslog-address", rule)
        case .gelf:
            let rule = LogAddress.Rule(transports: [.tcp, .udp], example: "udp://HOST:12201")
            return ("gelf-address", rule)
        case .fluentd:
            let rule = LogAddress.Rule(
                transports: [.tcp, .unix],
                usual: .tcp,
                port: 24224,
                example: "HOST:24224 or unix:///run/fluent.sock"
            )
            return ("fluentd-address", rule)
        case .jsonFile, .local, .none, .journald: return nil
        }
    }
}

extension LoggingDeclaration {
    /// What is sent elsewhere; nil where nothing is. Of options that the load has found right.
    package var delivery: LogDeliveryDeclaration? {
        let form: LogDeliveryDeclaration.Form
        switch kind {
        case .jsonFile, .local, .none: return nil
        case .journald: form = .journald
        case .gelf: form = .gelf
        case .fluentd:
            let precision = options["fluentd-sub-second-precision"] ?? ""
            form = .fluentd(isPrecise: Self.isTruth(precision) ?? false)
        case .syslog:
            form = .syslog(
                .init(rawValue: options["syslog-format"] ?? "") ?? .local,
                facility: options["syslog-facility"].flatMap(LogDeliveryDeclaration.facility) ?? 3
            )
        }
        var delivery = LogDeliveryDeclaration(form: form)
        if let (key, rule) = LogDeliveryDeclaration.addressRule(of: kind) {
            let text = options[key] ?? (kind == .fluentd ? "localhost" : "")
            // `try?`: the load has said what is wrong with it.
            delivery.address = text.isEmpty ? nil : try? LogAddress(text, rule)
        }
        delivery.tag = options["tag"].flatMap { $0.isEmpty ? nil : $0 }
        delivery.labels = Self.names(options["labels"])
        delivery.labelsExpression = options["labels-regex"]
        delivery.variables = Self.names(options["env"])
        delivery.variablesExpression = options["env-regex"]
        delivery.isAsynchronous = Self.isTruth(options["fluentd-async"] ?? "") ?? false
        return delivery
    }

    /// What goes with each line that is only kept; nil where nothing is asked for.
    package var marks: LogMarksDeclaration? {
        guard kind == .jsonFile else { return nil }
        var marks = LogMarksDeclaration()
        marks.labels = Self.names(options["labels"])
        marks.labelsExpression = options["labels-regex"]
        marks.variables = Self.names(options["env"])
        marks.variablesExpression = options["env-regex"]
        marks.tag = options["tag"].flatMap { $0.isEmpty ? nil : $0 }
        return marks == LogMarksDeclaration() ? nil : marks
    }

    private static func names(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map(String.init)
    }
}
