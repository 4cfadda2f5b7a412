import OrderedCollections

/// Values of configs and secrets, and of what services say of them.
extension UnsupportedValues {
    func checkGivenFiles(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (section, kind) in [("configs", "config"), ("secrets", "secret")] {
            let declared = root[section]?.map ?? [:]
            for (key, file) in declared {
                guard let external = file["external"], external.bool == true else { continue }
                diagnostics.problem(
                    "unsupported external \(kind) \"\(file["name"]?.string ?? key)\"",
                    at: external.keyMark,
                    hint: "no cluster keeps \(section) here: write its \"file\" or \"environment\"",
                    path: "\(section).\(key).external"
                )
            }
            for (name, service) in root["services"]?.map ?? [:] {
                for (index, item) in (service[section]?.list ?? []).enumerated() {
                    let source = declared[item["source"]?.string ?? ""]
                    let place = "services.\(name).\(section)[\(index)]"
                    check(item, of: source, kind, place, &diagnostics)
                }
                guard section == "secrets" else { continue }
                for (index, item) in (service["build"]?["secrets"]?.list ?? []).enumerated() {
                    checkNumbers(item, "services.\(name).build.secrets[\(index)]", &diagnostics)
                }
            }
        }
    }

    private func check(
        _ item: Node,
        of source: Node?,
        _ kind: String,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        checkNumbers(item, path, &diagnostics)
        if let target = item["target"], let text = target.string, !text.isEmpty {
            let absolute = text.hasPrefix("/") ? text : "/\(text)"
            checkTarget(absolute, at: target, path, &diagnostics)
        }
        let ignored = ["uid", "gid", "mode"].compactMap { item[$0] }
        guard source?["file"] != nil, let first = ignored.first else { return }
        diagnostics.warning(
            "uid, gid and mode change nothing of a \(kind) that is a file of the host",
            at: first.keyMark,
            hint: "it is mounted as it is: chown and chmod the file, or use \"environment\"",
            path: path
        )
    }

    private func checkNumbers(_ item: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for key in ["uid", "gid"] {
            guard let node = item[key], let text = node.string, !text.isEmpty,
                Int32(text).map({ $0 >= 0 }) != true
            else { continue }
            diagnostics.problem(
                "\"\(text)\" is not the number of a \(key == "uid" ? "user" : "group")",
                at: node.mark,
                hint: "0 to \(Int32.max): names are the container's",
                path: "\(path).\(key)"
            )
        }
    }
}
