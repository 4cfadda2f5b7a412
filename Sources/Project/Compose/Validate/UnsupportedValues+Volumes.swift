import OrderedCollections

/// Values of volumes, and of what services mount.
extension UnsupportedValues {
    /// Options of Docker's driver `local`.
    func checkVolumes(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (key, volume) in root["volumes"]?.map ?? [:] {
            guard volume["external"]?.bool != true, let options = volume["driver_opts"],
                let entries = options.map, !entries.isEmpty
            else { continue }
            let path = "volumes.\(key).driver_opts"
            for (name, entry) in entries where !["type", "o", "device"].contains(name) {
                diagnostics.problem(
                    name == "size"
                        ? "quota size requested but no quota support"
                        : "the driver local has no option \"\(name)\"",
                    at: entry.keyMark,
                    hint: "type, o and device are",
                    path: "\(path).\(name)"
                )
            }
            for name in ["type", "device"] where entries[name]?.string?.isEmpty ?? true {
                diagnostics.problem(
                    "missing required option: \"\(name)\"",
                    at: options.keyMark,
                    hint: name == "type" ? "type: none for a folder of the host" : nil,
                    path: path
                )
            }
            checkFileSystem(entries, path, &diagnostics)
            let words = (entries["o"]?.string ?? "").split(separator: ",")
            if words.contains(where: { ["bind", "rbind"].contains($0) }),
                let device = entries["device"], let text = device.string, !text.isEmpty,
                !text.hasPrefix("/")
            {
                diagnostics.problem(
                    "\"\(text)\" is not an absolute path",
                    at: device.mark,
                    path: "\(path).device"
                )
            }
        }
    }

    /// What a file system of the network, or an overlay, has to be told.
    private func checkFileSystem(
        _ options: OrderedDictionary<String, Node>,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let device = options["device"], let text = device.string, !text.isEmpty else {
            return
        }
        let words = (options["o"]?.string ?? "").split(separator: ",")
        let has = { (key: String) in words.contains { $0.hasPrefix(key + "=") && $0 != key + "=" } }
        func report(_ message: String, _ hint: String, at node: Node, _ key: String) {
            diagnostics.problem(message, at: node.mark, hint: hint, path: "\(path).\(key)")
        }
        switch options["type"]?.string {
        case "nfs", "nfs4":
            if !text.contains(":/") {
                report("\"\(text)\" is no folder of a server", "host:/folder", at: device, "device")
            } else if text.hasPrefix(":"), !has("addr") {
                report("the server is missing", "o: addr=host", at: device, "device")
            }
        case "cifs", "smb3":
            guard !text.hasPrefix("//") else { return }
            report("\"\(text)\" is no share of a server", "//host/share", at: device, "device")
        case "overlay":
            guard !has("lowerdir") else { return }
            let hint = "o: lowerdir=/a:/b,upperdir=/c,workdir=/d"
            report("an overlay has a lower folder", hint, at: options["o"] ?? device, "o")
        default: return
        }
    }

    /// What leads out of a volume, and what a mount that is not read-only cannot have.
    func checkParts(of mount: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (kind, noun) in [("volume", "a volume"), ("image", "an image")] {
            guard let node = mount[kind]?["subpath"], let text = node.string, !text.isEmpty,
                text.hasPrefix("/") || text.split(separator: "/").contains("..")
            else { continue }
            diagnostics.problem(
                "\"\(text)\" is not a path beneath \(noun)",
                at: node.mark,
                hint: "a relative path without ..",
                path: "\(path).\(kind).subpath"
            )
        }
        if let node = mount["volume"]?["labels"], let source = mount["source"]?.string,
            !source.isEmpty
        {
            diagnostics.warning(
                "labels change nothing of a volume that has a name",
                at: node.keyMark,
                hint: "write them under the top-level \"volumes\"",
                path: "\(path).volume"
            )
        }
        if let node = mount["bind"]?["recursive"], let word = node.string,
            ["writable", "readonly"].contains(word), mount["read_only"]?.bool != true
        {
            diagnostics.problem(
                "\"\(word)\" is of a mount that is read-only",
                at: node.mark,
                hint: "add \"read_only: true\"",
                path: "\(path).bind.recursive"
            )
        }
    }
}
