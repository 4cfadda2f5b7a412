import Glibc

/// One `--mount`: pairs of key and value, as an element of a compose file's `volumes`.
struct MountFlag {
    /// The long form of an element of `volumes`.
    let attribute: FlaggedService.Value
    /// `volume-opt`, which is of the volume and not of the mount.
    private(set) var volumeOptions: [String: String] = [:]
    /// The named volume that is mounted.
    let volume: String?
    /// Where it is seen.
    let target: String

    /// Where each key stands in the long form; what is written without a value is on.
    private static let places: [String: String] = [
        "source": "source", "src": "source", "target": "target", "dst": "target",
        "destination": "target", "readonly": "read_only", "ro": "read_only",
        "consistency": "consistency", "bind-propagation": "bind.propagation",
        "bind-recursive": "bind.recursive", "bind-create-src": "bind.create_host_path",
        "volume-nocopy": "volume.nocopy", "volume-subpath": "volume.subpath",
        "tmpfs-size": "tmpfs.size", "tmpfs-mode": "tmpfs.mode", "image-subpath": "image.subpath",
    ]
    private static let switches: Set<String> = [
        "readonly", "ro", "volume-nocopy", "bind-create-src",
    ]

    init(_ text: String) throws {
        var entries: [String: [String: FlaggedService.Value]] = [:]
        var labels: [String: FlaggedService.Value] = [:]
        var type = "volume"
        var given: [String: String] = [:]
        for field in Self.fields(text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].lowercased()
            guard parts.count == 2 || Self.switches.contains(key) || key == "bind-nonrecursive"
            else { throw Self.wrong(text, "invalid field '\(field)' must be a key=value pair") }
            let value = parts.count == 2 ? String(parts[1]) : "true"
            if key == "type" {
                type = value.lowercased()
            } else if key == "bind-nonrecursive" {
                let isOff = try Self.isOn(value, key, text)
                entries["bind", default: [:]]["recursive"] = .text(isOff ? "disabled" : "enabled")
            } else if key == "volume-label" || key == "volume-opt" {
                let pair = value.split(separator: "=", maxSplits: 1).map(String.init)
                let word = pair.count > 1 ? pair[1] : ""
                if key == "volume-opt" {
                    volumeOptions[pair.first ?? ""] = word
                } else {
                    labels[pair.first ?? ""] = .text(word)
                }
            } else if key == "volume-driver" {
                guard value == "local" else { throw Self.wrong(text, "the driver is local") }
            } else if let place = Self.places[key] {
                let path = place.split(separator: ".").map(String.init)
                let isSwitch = Self.switches.contains(key)
                let shown: FlaggedService.Value =
                    isSwitch ? .flag(try Self.isOn(value, key, text)) : .text(value)
                if path.count == 1 { given[place] = value }
                entries[path.count > 1 ? path[0] : "", default: [:]][path[path.count - 1]] = shown
            } else {
                throw Self.wrong(text, "unexpected key '\(parts[0])' in '\(field)'")
            }
        }
        guard given["target"]?.isEmpty == false else {
            throw Self.wrong(text, "target is required")
        }
        try Self.checkSource(given["source"], type)
        if !labels.isEmpty { entries["volume", default: [:]]["labels"] = .map(labels) }
        try Self.check(entries, type, text)
        if type == "bind", entries["bind"]?["create_host_path"] == nil {
            try Self.checkThere(given["source"])
            entries["bind", default: [:]]["create_host_path"] = .flag(false)
        }
        var long = entries[""] ?? [:]
        long["type"] = .text(type)
        for (key, value) in entries where !key.isEmpty { long[key] = .map(value) }
        attribute = .map(long)
        volume = type == "volume" ? given["source"] : nil
        target = given["target"] ?? ""
    }

    /// Options of one type with another, and a bind without its source.
    private static func check(
        _ entries: [String: [String: FlaggedService.Value]],
        _ type: String,
        _ text: String
    ) throws {
        for other in ["bind", "volume", "tmpfs", "image"] where other != type {
            guard entries[other] == nil else {
                throw wrong(text, "cannot mix '\(other)-*' options with mount type '\(type)'")
            }
        }
        if type == "bind", entries[""]?["source"] == nil {
            throw Failure(engine: invalid(type, "field Source must not be empty"))
        }
        if type == "tmpfs", entries[""]?["source"] != nil {
            throw Failure(engine: invalid(type, "field Source must not be specified"))
        }
        for (key, isFine) in [
            ("size", { DockerValueRules.bytes($0) != nil }),
            ("mode", { UInt32($0, radix: 8) != nil }),
        ] as [(String, (String) -> Bool)] {
            guard case .text(let value)? = entries["tmpfs"]?[key], !isFine(value) else { continue }
            throw wrong(text, "invalid value for tmpfs-\(key): \(value)")
        }
        if case .text(let target)? = entries[""]?["target"], !target.hasPrefix("/") {
            throw Failure(
                engine: invalid(type, "invalid mount path: '\(target)' mount path must be absolute")
            )
        }
        guard type == "image" else { return }
        let reasons = [
            "field Source must not be empty", "subpath must be a relative path within the volume",
        ]
        if entries[""]?["source"] == nil { throw Failure(engine: invalid(type, reasons[0])) }
        if case .text(let part)? = entries["image"]?["subpath"],
            part.hasPrefix("/") || part.split(separator: "/").contains("..")
        {
            throw Failure(engine: invalid(type, reasons[1]))
        }
    }

    /// In the words of docker's engine.
    private static func invalid(_ type: String, _ reason: String) -> String {
        "invalid mount config for type \"\(type)\": \(reason)"
    }

    /// Docker's engine takes no other types, and a bind of nothing but what is there.
    private static func checkSource(_ source: String?, _ type: String) throws {
        guard types.contains(type) else {
            throw Failure(engine: "invalid mount config for type \"\(type)\": mount type unknown")
        }
        guard type == "bind", let source, source != ".", !source.hasPrefix("./") else { return }
        guard source.hasPrefix("/") else {
            throw Failure(
                engine: "invalid mount config for type \"bind\": invalid mount path: '\(source)' "
                    + "mount path must be absolute"
            )
        }
    }

    /// Docker makes no source of `--mount` that there is not.
    private static func checkThere(_ source: String?) throws {
        guard let source, source.hasPrefix("/"), access(source, F_OK) != 0, errno == ENOENT else {
            return
        }
        throw Failure(engine: invalid("bind", "bind source path does not exist: \(source)"))
    }

    private static let types: Set<String> = [
        "bind", "cluster", "image", "npipe", "tmpfs", "volume",
    ]

    /// The fields between commas; one in double quotes may have commas.
    private static func fields(_ text: String) -> [String] {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            default: field.append(character)
            }
        }
        return fields + [field]
    }

    private static func isOn(_ value: String, _ key: String, _ text: String) throws -> Bool {
        guard let isOn = GoFlags.truth[value] else {
            throw wrong(text, "invalid value for \(key): \(value)")
        }
        return isOn
    }

    private static func wrong(_ text: String, _ reason: String) -> Failure {
        StorageFlags.mistake(text, of: "--mount", reason)
    }
}
