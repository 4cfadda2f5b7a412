import OrderedCollections

/// What containers may be called: by their service's name, `hostname`, `container_name`, and
/// `aliases` on networks.
///
/// The kernel takes any bytes for a host name, but it is written into `/etc/hosts` as well, and
/// asked for by name servers. Names with an underscore are no host names by RFC 1123; Docker takes
/// them, and so do people.
struct HostNames {
    func check(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, service) in root["services"]?.map ?? [:] {
            let path = "services.\(name)"
            checkReserved(name, at: service.keyMark, path, &diagnostics)
            if let hostname = service["hostname"], let text = hostname.string, !text.isEmpty {
                check(text, at: hostname, path + ".hostname", &diagnostics)
                checkReserved(hostname, path + ".hostname", &diagnostics)
            }
            if let domain = service["domainname"], let text = domain.string, !text.isEmpty {
                check(text, at: domain, path + ".domainname", &diagnostics)
            }
            if let container = service["container_name"] {
                checkReserved(container, path + ".container_name", &diagnostics)
            }
            for (network, attachment) in service["networks"]?.map ?? [:] {
                for (index, alias) in (attachment["aliases"]?.list ?? []).enumerated() {
                    let place = "\(path).networks.\(network).aliases[\(index)]"
                    checkReserved(alias, place, &diagnostics)
                }
            }
        }
    }

    /// sethostname(2): HOST_NAME_MAX.
    private static let longest = 64
    private static let longestLabel = 63

    private func check(
        _ text: String,
        at node: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        if text.utf8.count > Self.longest {
            diagnostics.problem(
                "a host name has at most \(Self.longest) bytes, and this one \(text.utf8.count)",
                at: node.mark,
                path: path
            )
            return
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...Self.longestLabel).contains(label.utf8.count)
                && label.utf8.allSatisfy(Self.isLetter)
        }
        if isName { return }
        diagnostics.problem(
            "\(text.debugDescription) is not a host name",
            at: node.mark,
            hint: "letters, digits, - and _, in parts that are separated by single dots",
            path: path
        )
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Names that mean one thing everywhere: RFC 6761, 6.3, and the machine itself.
    private func checkReserved(_ node: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let text = node.string else { return }
        checkReserved(text, at: node.mark, path, &diagnostics)
    }

    private func checkReserved(
        _ text: String,
        at mark: Mark,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        // A name with a dot at its end is the same name, from the root.
        let name = (text.hasSuffix(".") ? String(text.dropLast()) : text).lowercased()
        let meaning: String
        if name == "localhost" || name.hasSuffix(".localhost") {
            meaning = "every container's own loopback"
        } else if ["host.docker.internal", "gateway.docker.internal"].contains(name) {
            meaning = "the machine itself"
        } else {
            return
        }
        diagnostics.problem(
            "\"\(text)\" cannot be a container's name: it means \(meaning)",
            at: mark,
            path: path
        )
    }
}
