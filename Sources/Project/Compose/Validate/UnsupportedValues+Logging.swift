import OrderedCollections
import TextForms

/// What `logging` asks for that no driver here does, or that Docker refuses, too.
extension UnsupportedValues {
    func checkLogging(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let logging = service["logging"] else { return }
        let name = logging["driver"]?.string ?? ""
        guard let driver = LoggingDeclaration.Driver(name) else {
            if let driver = logging["driver"] {
                refuse(
                    driver,
                    path + ".logging.driver",
                    &diagnostics,
                    hint: "json-file, local or none; what they keep, `berth logs` shows"
                )
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
    }

    /// What is wrong with the value of an option alone.
    private static func mistake(in text: String, of key: String) -> Mistake? {
        switch key {
        case "max-size":
            if let size = ByteSize.parseDecimal(text), size > 0 { return nil }
            return Mistake("\"\(text)\" is not the size of a file", hint: "10m")
        case "max-file":
            if let count = Int(text), (1...Int(Int32.max)).contains(count) { return nil }
            return Mistake("\"\(text)\" is not a number of files", hint: "3")
        case "compress":
            if LoggingDeclaration.isTruth(text) != nil { return nil }
            return Mistake("\"\(text)\" is not true or false", hint: "\"true\" or \"false\"")
        case "mode":
            if ["", "blocking", "non-blocking"].contains(text) { return nil }
            return Mistake("unknown mode \"\(text)\"", hint: "blocking or non-blocking")
        case "max-buffer-size":
            if ByteSize.parse(text) != nil { return nil }
            return Mistake("\"\(text)\" is not a size", hint: "4m")
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
