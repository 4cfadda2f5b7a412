import OrderedCollections

/// What a container cannot have beside namespaces that it shares.
extension UnsupportedValues {
    /// Docker's engine refuses the same, in these words, when it makes the container.
    func checkNamespaces(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        checkNetworkMode(service, path, &diagnostics)
        if let uts = service["uts"], let text = uts.string, !["", "private"].contains(text) {
            conflict(
                service["hostname"],
                "hostname and the UTS mode",
                hint: "with `uts: \(text)` it has another's name; remove one of the two",
                path + ".hostname",
                &diagnostics
            )
        }
        checkMemory(service, root, path, &diagnostics)
        for key in ["network_mode", "pid", "ipc", "uts"] {
            guard let node = service[key], let text = node.string,
                text == "container:" || text == "service:"
            else { continue }
            diagnostics.problem(
                "\"\(text)\" names no \(text.dropLast())",
                at: node.mark,
                hint: "\(text)NAME",
                path: "\(path).\(key)"
            )
        }
    }

    private func checkNetworkMode(
        _ service: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let mode = service["network_mode"]?.string else { return }
        guard let neighbour = Neighbour(mode) else {
            if mode == "host" {
                conflict(
                    service["links"],
                    "host type networking can't be used with links",
                    hint: "write them as \"depends_on\"",
                    path + ".links",
                    &diagnostics
                )
            }
            return
        }
        let other = neighbour.words
        for (key, reason, remedy) in [
            ("hostname", "hostname and the network mode", "it has the name of \(other)"),
            (
                "ports", "port publishing and the container type network mode",
                "the network is that of \(other): publish the ports there"
            ),
            (
                "expose", "port exposing and the container type network mode",
                "the network is that of \(other): expose the ports there"
            ),
            ("dns", "dns and the network mode", "it asks the name servers of \(other)"),
            (
                "extra_hosts", "custom host-to-IP mapping and the network mode",
                "it has the /etc/hosts of \(other): add them there"
            ),
            (
                "links", "container type network can't be used with links",
                "write them as \"depends_on\""
            ),
        ] {
            conflict(service[key], reason, hint: remedy, "\(path).\(key)", &diagnostics)
        }
    }

    /// As with Docker, an IPC namespace is another's to join only where it is said to be.
    private func checkMemory(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let ipc = service["ipc"], let text = ipc.string,
            case .service(let name)? = Neighbour(text), let other = root["services"]?[name],
            other["ipc"]?.string != "shareable"
        else { return }
        diagnostics.problem(
            "service \"\(name)\" does not share its IPC namespace",
            at: ipc.mark,
            hint: "give it `ipc: shareable`",
            path: path + ".ipc"
        )
    }

    private func conflict(
        _ node: Node?,
        _ reason: String,
        hint: String,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let node, !node.isNull, node.list?.isEmpty != true else { return }
        diagnostics.problem(
            "conflicting options: \(reason)",
            at: node.keyMark,
            hint: hint,
            path: path
        )
    }
}

extension Neighbour {
    /// For a hint.
    fileprivate var words: String {
        switch self {
        case .service(let name): "service \"\(name)\""
        case .container(let name): "container \(name)"
        }
    }
}
