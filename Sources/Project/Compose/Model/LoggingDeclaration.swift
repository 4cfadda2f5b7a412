package import OrderedCollections
import TextForms

/// compose-spec `logging`.
package struct LoggingDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `driver`.
    package var driver: String?
    /// As written; what a key means is the driver's.
    package var options: OrderedDictionary<String, String> = [:]
    /// Says nothing yet.
    package init() {}

    /// What becomes of what a container writes.
    package enum Driver: String, CaseIterable, Sendable {
        case jsonFile = "json-file"
        /// As `json-file`, rotated unless the file says otherwise.
        case local
        /// Nothing is kept.
        case none
        /// These are sent elsewhere, and kept as `local` keeps them.
        case syslog, journald, gelf, fluentd

        /// nil for one that is not carried out; an empty name is the default.
        package init?(_ name: String) { self.init(rawValue: name.isEmpty ? "json-file" : name) }

        /// Whether what is written is sent elsewhere, too.
        package var isSent: Bool {
            switch self {
            case .jsonFile, .local, .none: false
            case .syslog, .journald, .gelf, .fluentd: true
            }
        }

        /// The options that Docker's driver of this name knows.
        var options: [String] {
            let files = ["max-size", "max-file", "compress"]
            let modes = ["mode", "max-buffer-size"]
            let marks = ["labels", "labels-regex", "env", "env-regex", "tag"]
            let cache = ["cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"]
            let sent = modes + marks + cache
            return switch self {
            case .jsonFile: files + modes + marks
            case .local: files + modes
            case .none: []
            case .syslog:
                sent + [
                    "syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert",
                    "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify",
                ]
            case .journald: sent
            case .gelf:
                sent + [
                    "gelf-address", "gelf-compression-type", "gelf-compression-level",
                    "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay",
                ]
            case .fluentd:
                sent + [
                    "fluentd-address", "fluentd-async", "fluentd-async-reconnect-interval",
                    "fluentd-buffer-limit", "fluentd-max-retries", "fluentd-request-ack",
                    "fluentd-retry-wait", "fluentd-sub-second-precision", "fluentd-write-timeout",
                ]
            }
        }

        /// Docker's default of `max-size`; nil never rotates.
        var maximumSizeBytes: Int64? { self == .local || isSent ? 20_000_000 : nil }

        /// Docker's default of `max-file`.
        var maximumFiles: Int { self == .local || isSent ? 5 : 1 }
    }

    /// What becomes of what is written; `json-file` where nothing is said.
    package var kind: Driver { driver.flatMap { Driver($0) } ?? .jsonFile }

    /// Size at which the log file is rotated (`max-size`, or `cache-max-size` of what is also
    /// sent elsewhere); nil never rotates.
    package var maximumSizeBytes: Int64? {
        options[kind.isSent ? "cache-max-size" : "max-size"].flatMap(ByteSize.parseDecimal)
            ?? kind.maximumSizeBytes
    }

    /// Number of files kept, the current one included (`max-file`, `cache-max-file`).
    package var maximumFiles: Int {
        options[kind.isSent ? "cache-max-file" : "max-file"].flatMap { Int($0) }
            ?? kind.maximumFiles
    }

    /// Whether a name is that of a driver which sends to a cloud, or of a plugin: those have an
    /// owner and a tag, as images do, or are well known without.
    static func isElsewhere(_ name: String) -> Bool {
        name.contains("/") || name.contains(":")
            || ["awslogs", "gcplogs", "splunk", "logentries", "etwlogs", "loki"].contains(name)
    }

    /// A truth value as Go's strconv.ParseBool reads it; nil for another text.
    static func isTruth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
