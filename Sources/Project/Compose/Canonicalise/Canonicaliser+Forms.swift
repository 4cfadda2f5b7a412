import OrderedCollections

extension Canonicaliser {
    /// The long form of an attribute that has short ones.
    func long(_ node: Node, _ form: Form, _ diagnostics: inout Diagnostics) -> Node {
        switch form {
        case .build: build(node, &diagnostics)
        case .buildContext: context(node, &diagnostics)
        case .additionalContexts: additionalContexts(node, &diagnostics)
        case .dependsOn: dependsOn(node, &diagnostics)
        case .serviceNetworks, .serviceModels: attachments(node, form, &diagnostics)
        case .ports: items(node, &diagnostics, ports)
        case .volumes:
            items(node, &diagnostics) { item, diagnostics in
                // The long form of a short one has so many parts.
                diagnostics.spend(nodes: 5, at: item.mark) ? [volume(item, &diagnostics)] : []
            }
        case .devices:
            items(node, &diagnostics) { item, diagnostics in [device(item, &diagnostics)] }
        case .fileReferences:
            items(node, &diagnostics) { item, diagnostics in
                item.string == nil
                    ? [mapping(item, .fileReference, &diagnostics)]
                    : [item.with(.map(["source": item]))]
            }
        case .envFiles: envFiles(node, &diagnostics)
        case .labelFiles: labelFiles(node, &diagnostics)
        case .extraHosts: extraHosts(node, &diagnostics)
        case .ulimit:
            node.map == nil
                ? scalar(node, as: .integer, &diagnostics) : mapping(node, .ulimit, &diagnostics)
        case .deviceRequests: deviceRequests(node, &diagnostics)
        case .deviceCount:
            node.string == "all" ? node.with(.int(-1)) : scalar(node, as: .integer, &diagnostics)
        case .ssh: ssh(node, &diagnostics)
        case .extends:
            node.string == nil
                ? mapping(node, .extends, &diagnostics) : node.with(.map(["service": node]))
        case .external: external(node, &diagnostics)
        case .textOrTexts:
            node.list == nil
                ? node.with(.list([text(node, &diagnostics)])) : list(node, of: .text, &diagnostics)
        }
    }

    private func build(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard node.string != nil else { return mapping(node, .build, &diagnostics) }
        return node.with(.map(["context": context(node, &diagnostics)]))
    }

    private func context(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard let path = node.string else { return mismatch(node, "a string", &diagnostics) }
        return PathBase.isRemote(path) ? node : node.with(.string(base.absolute(path)))
    }

    private func additionalContexts(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        var result = pairs(node, nullsStay: false, &diagnostics)
        result.updateEach { _, value in
            guard let path = value.string, !path.hasPrefix("service:"), !PathBase.isRemote(path)
            else { return }
            value.value = .string(base.absolute(path))
        }
        return result
    }

    private func dependsOn(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard let items = node.list else { return named(node, .dependsOn, &diagnostics) }
        guard diagnostics.spend(nodes: 3 * items.count, at: node.mark) else { return node }
        var result = Node.Mapping(minimumCapacity: items.count)
        for (index, item) in items.enumerated() {
            if diagnostics.isOver { break }
            diagnostics.enter(index)
            defer { diagnostics.leave() }
            guard let name = item.string else {
                _ = mismatch(item, "the name of a service", &diagnostics)
                continue
            }
            guard result[name] == nil else {
                diagnostics.problem(
                    "\"\(name)\" is listed twice",
                    at: item.mark,
                    hint: "remove one"
                )
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
    private func attachments(_ node: Node, _ form: Form, _ diagnostics: inout Diagnostics) -> Node {
        guard let items = node.list else { return named(node, form, &diagnostics) }
        var result = Node.Mapping(minimumCapacity: items.count)
        for (index, item) in items.enumerated() {
            if diagnostics.isOver { break }
            diagnostics.enter(index)
            defer { diagnostics.leave() }
            guard let name = item.string else {
                _ = mismatch(item, "a name", &diagnostics)
                continue
            }
            guard result[name] == nil else {
                diagnostics.problem(
                    "\"\(name)\" is listed twice",
                    at: item.mark,
                    hint: "remove one"
                )
                continue
            }
            result[name] = item.with(.null)
        }
        return node.with(.map(result))
    }

    private func envFiles(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        let wrapped = node.string == nil ? node : node.with(.list([node]))
        return items(wrapped, &diagnostics) { item, diagnostics in
            guard let path = item.string else {
                var entry = mapping(item, .envFile, &diagnostics)
                if isLenient, entry["required"] == nil {
                    entry.set("required", entry.made(.bool(true)))
                }
                if let format = entry["format"], let text = format.string, text != "raw" {
                    diagnostics.problem(
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

    private func labelFiles(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        let wrapped = node.string == nil ? node : node.with(.list([node]))
        return list(wrapped, of: .path, &diagnostics)
    }

    /// Elements `host=address`, one for each address.
    private func extraHosts(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
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
                diagnostics.enter(host)
                for address in value.list ?? [value] {
                    guard let text = address.string else {
                        _ = mismatch(address, "an address", &diagnostics)
                        continue
                    }
                    add(host, text[...], address)
                }
                diagnostics.leave()
            }
        case .list(let items):
            for (index, item) in items.enumerated() {
                if diagnostics.isOver { break }
                diagnostics.enter(index)
                defer { diagnostics.leave() }
                guard let text = item.string else {
                    _ = mismatch(item, "host=address", &diagnostics)
                    continue
                }
                if isLenient { result.append(item) }
                if isOpen(item) { continue }
                guard let end = text.firstIndex(of: "=") ?? text.firstIndex(of: ":") else {
                    diagnostics.problem(
                        "\"\(text)\" has no address",
                        at: item.mark,
                        hint: "host=address"
                    )
                    continue
                }
                if isLenient { continue }
                add(String(text[..<end]), text[text.index(after: end)...], item)
            }
        default: return mismatch(node, "a mapping or a list of host=address", &diagnostics)
        }
        return node.with(.list(result))
    }

    private func deviceRequests(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        if node.string == "all" {
            let count: Node.Value = isLenient ? node.value : .int(-1)
            return node.with(.list([node.made(.map(["count": node.made(count)]))]))
        }
        if node.string != nil { return mismatch(node, "\"all\" or a list", &diagnostics) }
        return list(node, of: .fields(.deviceRequest), &diagnostics)
    }

    private func device(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard let text = node.string else { return mapping(node, .device, &diagnostics) }
        // The name of a CDI device may have colons.
        let parts =
            DeviceMapping.isQualifiedName(text)
            ? [text]
            : text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }) else {
            diagnostics.problem(
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
    private func ssh(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        if node.string != nil { return node.with(.list([node])) }
        guard case .map(let entries) = pairs(node, nullsStay: true, &diagnostics).value else {
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
    private func external(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        guard let entries = node.map else { return scalar(node, as: .boolean, &diagnostics) }
        for (key, value) in entries where key != "name" || value.string == nil {
            diagnostics.problem(
                key == "name" ? "must be a string" : "unknown key \"\(key)\"",
                at: value.keyMark
            )
        }
        return node
    }
}
