/// The value of docker's `--gpus`: `all`, `2`, or fields as `"device=0,1",capabilities=utility`.
struct GPURequest {
    private var count: Int?
    private var driver = ""
    private var devices: [String]?
    private var capabilities: [String]?

    /// - Throws: a `Failure` in docker's words for what is not such a value.
    init(_ text: String) throws {
        var seen: Set<String> = []
        for field in Self.fields(text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            let (key, value) = parts.count == 2 ? (parts[0], parts[1]) : ("count", parts[0])
            guard seen.insert(key).inserted else {
                throw Self.mistake(text, "gpu request key '\(key)' can be specified only once")
            }
            switch key {
            case "count":
                guard let number = value == "all" ? -1 : Int(value) else {
                    throw Self.mistake(
                        text,
                        "invalid count (\(value)): value must be either \"all\" or an integer: "
                            + "invalid syntax"
                    )
                }
                count = number
            case "driver": driver = value
            case "device": devices = value.split(separator: ",").map(String.init)
            case "capabilities": capabilities = value.split(separator: ",").map(String.init)
            case "options":
                throw Failure(
                    "berth does not carry out `options` of `--gpus`: devices of a CDI file have none",
                    exitCode: 125
                )
            default: throw Self.mistake(text, "unexpected key '\(key)' in '\(field)'")
            }
        }
    }

    /// As an element of `gpus` of a compose file.
    var value: FlaggedService.Value {
        var entries: [String: FlaggedService.Value] = [
            "capabilities": .texts((capabilities ?? []) + ["gpu"])
        ]
        if !driver.isEmpty { entries["driver"] = .text(driver) }
        if let devices { entries["device_ids"] = .texts(devices) }
        if let count {
            entries["count"] = .number(count)
        } else if devices == nil {
            entries["count"] = .number(1)
        }
        return .map(entries)
    }

    /// Fields between commas; one in quotes may have commas itself.
    private static func fields(_ text: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    private static func mistake(_ value: String, _ reason: String) -> Failure {
        IsolationFlags.mistake(value, of: "--gpus", reason)
    }
}
