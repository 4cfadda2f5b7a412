import GoTemplate
import OrderedCollections
import TextForms

/// What `logging` asks for that no driver here does, or that Docker refuses, too.
extension UnsupportedValues {
    func checkLogging(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let logging = service["logging"] else { return }
        let name = logging["driver"]?.string ?? ""
        guard let driver = LoggingDeclaration.Driver(name) else {
            if let driver = logging["driver"] {
                checkUnknown(driver, name, path + ".logging.driver", &diagnostics)
            }
            return
        }
        // Docker does not look at the options of a driver that keeps nothing.
        guard driver != .none else { return }
        let options = logging["options"]?.map ?? [:]
        for (key, option) in options {
            let place = "\(path).logging.options.\(key)"
            if !driver.options.contains(key) {
                diagnostics.problem(
                    "unknown option of the log driver \(driver.rawValue)",
                    at: option.keyMark,
                    hint: suggestion(for: key, among: driver.options)
                        ?? "one of \(driver.options.joined(separator: ", "))",
                    path: place
                )
            } else if let mistake = Self.mistake(in: option.string ?? "", of: key) {
                diagnostics.problem(
                    mistake.message,
                    at: option.mark,
                    hint: mistake.hint,
                    path: place
                )
            }
        }
        checkTogether(options, driver, path + ".logging.options", &diagnostics)
        checkDelivery(logging, driver, path + ".logging", &diagnostics)
    }

    /// A driver that is not one of ours: those of clouds and plugins keep the log here.
    private func checkUnknown(
        _ driver: Node,
        _ name: String,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        let known = LoggingDeclaration.Driver.allCases.map(\.rawValue)
        guard LoggingDeclaration.isElsewhere(name) else {
            return diagnostics.problem(
                "there is no log driver \"\(name)\"",
                at: driver.mark,
                hint: suggestion(for: name, among: known)
                    ?? "one of \(known.joined(separator: ", "))",
                path: path
            )
        }
        diagnostics.warning(
            "the log driver \"\(name)\" is a plugin of docker's, or of a cloud: the log is kept here",
            at: driver.mark,
            hint:
                "`berth logs` shows it; to send it, use \(known.suffix(4).joined(separator: ", "))",
            path: path
        )
    }

    /// What is said of where lines are sent.
    private func checkDelivery(
        _ logging: Node,
        _ driver: LoggingDeclaration.Driver,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let (key, rule) = LogDeliveryDeclaration.addressRule(of: driver) else { return }
        if let node = logging["options"]?[key], let text = node.string, !text.isEmpty {
            do throws(LogAddressError) { _ = try LogAddress(text, rule) } catch {
                diagnostics.problem(
                    error.message,
                    at: node.mark,
                    hint: error.hint,
                    path: "\(path).options.\(key)"
                )
            }
        } else if driver == .gelf {
            diagnostics.problem(
                "the log driver gelf needs an address",
                at: logging.mark,
                hint: "options: {\(key): \"\(rule.example)\"}",
                path: path
            )
        }
    }

    /// What is wrong with the value of an option alone.
    private static func mistake(in text: String, of key: String) -> Mistake? {
        switch key {
        case "max-size", "cache-max-size":
            if let size = ByteSize.parseDecimal(text), size > 0 { return nil }
            return Mistake("\"\(text)\" is not the size of a file", hint: "10m")
        case "max-file", "cache-max-file":
            if let count = Int(text), (1...Int(Int32.max)).contains(count) { return nil }
            return Mistake("\"\(text)\" is not a number of files", hint: "3")
        case "compress", "cache-compress", "cache-disabled", "fluentd-async",
            "fluentd-sub-second-precision":
            if LoggingDeclaration.isTruth(text) != nil { return nil }
            return Mistake("\"\(text)\" is not true or false", hint: "\"true\" or \"false\"")
        case "mode":
            if ["", "blocking", "non-blocking"].contains(text) { return nil }
            return Mistake("unknown mode \"\(text)\"", hint: "blocking or non-blocking")
        case "max-buffer-size":
            if ByteSize.parse(text) != nil { return nil }
            return Mistake("\"\(text)\" is not a size", hint: "4m")
        default: return mistakeOfDelivery(in: text, of: key)
        }
    }

    /// The same of options that say how lines are sent.
    private static func mistakeOfDelivery(in text: String, of key: String) -> Mistake? {
        switch key {
        case "syslog-facility":
            if LogDeliveryDeclaration.facility(text) != nil { return nil }
            return Mistake("there is no facility \"\(text)\" of syslog", hint: "daemon, local0")
        case "syslog-format":
            if LogDeliveryDeclaration.SyslogForm(rawValue: text) != nil { return nil }
            return Mistake(
                "unknown format \"\(text)\"",
                hint: "rfc3164, rfc5424 or rfc5424micro"
            )
        case "gelf-compression-type":
            if ["gzip", "zlib", "none"].contains(text) { return nil }
            return Mistake("unknown compression \"\(text)\"", hint: "gzip, zlib or none")
        case "fluentd-request-ack":
            switch LoggingDeclaration.isTruth(text) {
            case false: return nil
            case true:
                return Mistake("not supported yet", hint: "what is sent is not acknowledged")
            case nil:
                return Mistake("\"\(text)\" is not true or false", hint: "\"true\" or \"false\"")
            }
        case "syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify":
            return Mistake(
                "connections with TLS are not supported yet",
                hint: "tcp:// or udp:// to a syslog on this machine that sends on with TLS"
            )
        case "tag":
            do throws(TemplateError) { _ = try Template(parsing: text) } catch {
                return Mistake("\"\(text)\" is not a template: \(error)", hint: "{{.Name}}/{{.ID}}")
            }
            return nil
        case "labels-regex", "env-regex":
            // `try?`: that it cannot be read is the answer.
            if (try? Regex(text)) != nil { return nil }
            return Mistake("\"\(text)\" is not a regular expression", hint: "^com\\.example\\.")
        default: return nil
        }
    }

    /// What excludes each other.
    private func checkTogether(
        _ options: Node.Mapping,
        _ driver: LoggingDeclaration.Driver,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        if let size = options["max-buffer-size"], options["mode"]?.string != "non-blocking" {
            diagnostics.problem(
                "only the mode non-blocking has a buffer",
                at: size.keyMark,
                hint: "add mode: non-blocking, or leave max-buffer-size out",
                path: path + ".max-buffer-size"
            )
        }
        let files = options["max-file"]?.string.flatMap { Int($0) } ?? driver.maximumFiles
        let isRotated = options["max-size"] != nil || driver.maximumSizeBytes != nil
        if let compress = options["compress"], let text = compress.string,
            LoggingDeclaration.isTruth(text) == true, files < 2 || !isRotated
        {
            diagnostics.problem(
                "there is no older file to compress",
                at: compress.mark,
                hint: "set max-size, and max-file to 2 or more; or leave compress out",
                path: path + ".compress"
            )
        }
    }
}
