import OrderedCollections

extension Canonicaliser {
    /// The long form of an attribute that has short ones.
    func long(_ node: Node, _ form: Form, _ report: inout Report) -> Node {
        switch form {
        case .build: build(node, &report)
        case .buildContext: context(node, &report)
        case .additionalContexts: additionalContexts(node, &report)
        case .dependsOn: dependsOn(node, &report)
        case .serviceNetworks, .serviceModels: attachments(node, form, &report)
        case .ports: items(node, &report, ports)
        case .volumes:
            items(node, &report) { item, report in
                // The long form of a short one has so many parts.
                report.spend(nodes: 5, at: item.mark) ? [volume(item, &report)] : []
            }
        case .devices: items(node, &report) { item, report in [device(item, &report)] }
        case .fileReferences:
            items(node, &report) { item, report in
                item.string == nil
                    ? [mapping(item, .fileReference, &report)]
                    : [item.with(.map(["source": item]))]
            }
        case .envFiles: envFiles(node, &report)
        case .labelFiles: labelFiles(node, &report)
        case .extraHosts: extraHosts(node, &report)
        case .ulimit:
            node.map == nil ? scalar(node, as: .integer, &report) : mapping(node, .ulimit, &report)
        case .deviceRequests: deviceRequests(node, &report)
        case .deviceCount:
            node.string == "all" ? node.with(.int(-1)) : scalar(node, as: .integer, &report)
        case .ssh: ssh(node, &report)
        case .extends:
            node.string == nil
                ? mapping(node, .extends, &report) : node.with(.map(["service": node]))
        case .external: external(node, &report)
        case .textOrTexts:
            node.list == nil
                ? node.with(.list([text(node, &report)])) : list(node, of: .text, &report)
        }
    }

    private func build(_ node: Node, _ report: inout Report) -> Node {
        guard node.string != nil else { return mapping(node, .build, &report) }
        return node.with(.map(["context": context(node, &report)]))
    }

    private func context(_ node: Node, _ report: inout Report) -> Node {
        guard let path = node.string else { return mismatch(node, "a string", &report) }
        return PathBase.isRemote(path) ? node : node.with(.string(base.absolute(path)))
    }

    private func additionalContexts(_ node: Node, _ report: inout Report) -> Node {
        var result = pairs(node, nullsStay: false, &report)
        result.updateEach { _, value in
            guard let path = value.string, !path.hasPrefix("service:"), !PathBase.isRemote(path)
            else { return }
            value.value = .string(base.absolute(path))
        }
        return result
    }

    private func dependsOn(_ node: Node, _ report: inout Report) -> Node {
        guard let items = node.list else {
            return named(node, .fields(.dependency), &report)
        }
        guard report.spend(nodes: 3 * items.count, at: node.mark) else { return node }
        var result = Node.Mapping(minimumCapacity: items.count)
        for (index, item) in items.enumerated() {
            if report.isOver { break }
            report.enter(index)
            defer { report.leave() }
            guard let name = item.string else {
                _ = mismatch(item, "the name of a service", &report)
                continue
            }
            guard result[name] == nil else {
                report.problem("\"\(name)\" is listed twice", at: item.mark, hint: "remove one")
                continue
            }
            result[name] = item.with(
                .map([
                    "condition": item.made(.string("service_started")),
                    "required": item.made(.bool(true)),
                ])
            )
        }
        return node.with(.map(result))
    }

    /// `networks` and `models` of a service: a list of names, or a mapping of settings.
    private func attachments(_ node: Node, _ form: Form, _ report: inout Report) -> Node {
        guard let items = node.list else {
            guard case .named(let entry, _) = form.long else { return node }
            return named(node, entry, &report)
        }
        var result = Node.Mapping(minimumCapacity: items.count)
        for (index, item) in items.enumerated() {
            if report.isOver { break }
            report.enter(index)
            defer { report.leave() }
            guard let name = item.string else {
                _ = mismatch(item, "a name", &report)
                continue
            }
            guard result[name] == nil else {
                report.problem("\"\(name)\" is listed twice", at: item.mark, hint: "remove one")
                continue
            }
            result[name] = item.with(.null)
        }
        return node.with(.map(result))
    }

    private func envFiles(_ node: Node, _ report: inout Report) -> Node {
        let wrapped = node.string == nil ? node : node.with(.list([node]))
        return items(wrapped, &report) { item, report in
            guard let path = item.string else {
                var entry = mapping(item, .envFile, &report)
                if isLenient, entry["required"] == nil {
                    entry.set("required", entry.made(.bool(true)))
                }
                if let format = entry["format"], let text = format.string, text != "raw" {
                    report.problem(
                        "unknown format \"\(text)\"",
                        at: format.mark,
                        hint: "\"raw\", or leave it out"
                    )
                }
                return [entry]
            }
            var entry: Node.Mapping = ["path": item.with(.string(base.absolute(path)))]
            if isLenient { entry["required"] = item.made(.bool(true)) }
            return [item.with(.map(entry))]
        }
    }

    private func labelFiles(_ node: Node, _ report: inout Report) -> Node {
        let wrapped = node.string == nil ? node : node.with(.list([node]))
        return list(wrapped, of: .path, &report)
    }

    /// Elements `host=address`, one for each address.
    private func extraHosts(_ node: Node, _ report: inout Report) -> Node {
        var result: [Node] = []
        func add(_ host: String, _ addresses: Substring, _ place: Node) {
            for address in addresses.split(separator: ",", omittingEmptySubsequences: false) {
                var text = address
                if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
                result.append(place.with(.string("\(host)=\(text)")))
            }
        }
        switch node.value {
        case .map(let entries):
            for (host, value) in entries {
                report.enter(host)
                for address in value.list ?? [value] {
                    guard let text = address.string else {
                        _ = mismatch(address, "an address", &report)
                        continue
                    }
                    add(host, text[...], address)
                }
                report.leave()
            }
        case .list(let items):
            for (index, item) in items.enumerated() {
                if report.isOver { break }
                report.enter(index)
                defer { report.leave() }
                guard let text = item.string else {
                    _ = mismatch(item, "host=address", &report)
                    continue
                }
                if isLenient { result.append(item) }
                if isOpen(item) { continue }
                guard let end = text.firstIndex(of: "=") ?? text.firstIndex(of: ":") else {
                    report.problem(
                        "\"\(text)\" has no address",
                        at: item.mark,
                        hint: "host=address"
                    )
                    continue
                }
                if isLenient { continue }
                add(String(text[..<end]), text[text.index(after: end)...], item)
            }
        default: return mismatch(node, "a mapping or a list of host=address", &report)
        }
        return node.with(.list(result))
    }

    private func deviceRequests(_ node: Node, _ report: inout Report) -> Node {
        if node.string == "all" {
            let count: Node.Value = isLenient ? node.value : .int(-1)
            return node.with(.list([node.made(.map(["count": node.made(count)]))]))
        }
        if node.string != nil { return mismatch(node, "\"all\" or a list", &report) }
        return list(node, of: .fields(.deviceRequest), &report)
    }

    private func device(_ node: Node, _ report: inout Report) -> Node {
        guard let text = node.string else { return mapping(node, .device, &report) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }) else {
            report.problem(
                "\"\(text)\" is not a device",
                at: node.mark,
                hint: "SOURCE[:TARGET[:rwm]]"
            )
            return node
        }
        return node.with(
            .map([
                "source": node.made(.string(parts[0])),
                "target": node.made(.string(parts.count > 1 ? parts[1] : parts[0])),
                "permissions": node.made(.string(parts.count > 2 ? parts[2] : "rwm")),
            ])
        )
    }

    /// `default`, a list of `id[=path]`, or a mapping; canonical is the list.
    private func ssh(_ node: Node, _ report: inout Report) -> Node {
        if node.string != nil { return node.with(.list([node])) }
        guard case .map(let entries) = pairs(node, nullsStay: true, &report).value else {
            return node
        }
        return node.with(
            .list(
                entries.map { id, path in
                    path.with(.string(path.string.map { "\(id)=\(base.absolute($0))" } ?? id))
                }
            )
        )
    }

    /// A boolean, or the old form `{name: …}`, which stays for `Normalisation`.
    private func external(_ node: Node, _ report: inout Report) -> Node {
        guard let entries = node.map else { return scalar(node, as: .boolean, &report) }
        for (key, value) in entries where key != "name" || value.string == nil {
            report.problem(
                key == "name" ? "must be a string" : "unknown key \"\(key)\"",
                at: value.keyMark
            )
        }
        return node
    }
}
