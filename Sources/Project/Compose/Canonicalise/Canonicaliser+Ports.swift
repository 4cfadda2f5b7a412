import Addresses
import OrderedCollections

extension Canonicaliser {
    /// The long forms of one element of `ports`: one for each port of a range.
    /// compose-spec "ports": `[[IP:]HOST:]CONTAINER[/PROTOCOL]`.
    func ports(_ node: Node, _ diagnostics: inout Diagnostics) -> [Node] {
        switch node.value {
        case .map: return [longPort(node, &diagnostics)]
        case .int(let number): return shortPorts(String(number), node, &diagnostics)
        case .string(let text):
            if isOpen(node) { return [node] }
            warnOfBase60(text, node, &diagnostics)
            return shortPorts(text, node, &diagnostics)
        default:
            return [
                mismatch(
                    node,
                    "a port, a string or a mapping",
                    &diagnostics,
                    hint: "quote it: \"8080:80\""
                )
            ]
        }
    }

    /// `22:22` is 22 × 60 + 22 to YAML 1.1, which many other programs read.
    private func warnOfBase60(_ text: String, _ node: Node, _ diagnostics: inout Diagnostics) {
        // Most ports are known by this to be none.
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            UInt16(text[text.utf8.index(after: colon)...]) ?? 60 < 60
        else { return }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt16($0) }
        guard parts.count > 1, numbers.count == parts.count, text.first != "0", text.first != "+",
            numbers.dropFirst().allSatisfy({ $0 < 60 }),
            parts.dropFirst().allSatisfy({ $0.count <= 2 }),
            diagnostics.sources.word(at: node.mark) == text
        else { return }
        let value = numbers.reduce(0) { $0 * 60 + Int($1) }
        diagnostics.warning(
            "\(text) without quotes is the number \(value) to programs that read YAML 1.1",
            at: node.mark,
            hint: "quote it: \"\(text)\""
        )
    }

    private func longPort(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        var port = mapping(node, .port, &diagnostics)
        guard case .map(var entries) = port.value else { return port }
        if entries["target"] == nil {
            diagnostics.problem(
                "\"target\" is missing",
                at: node.mark,
                hint: "the port inside the container"
            )
        }
        if let address = entries["host_ip"], let text = address.string, !isOpen(address),
            !text.isEmpty, IPAddress(text) == nil
        {
            diagnostics.problem("invalid ip address: \(text)", at: address.mark)
        }
        if let published = entries["published"], !isOpen(published), let text = published.string {
            check(published: text, at: published, &diagnostics)
        }
        if let transport = entries["protocol"], !isOpen(transport), let text = transport.string {
            check(transport: text, at: transport, &diagnostics)
        }
        entries["mode"] = entries["mode"] ?? node.made(.string("ingress"))
        entries["protocol"] = entries["protocol"] ?? node.made(.string("tcp"))
        port.value = .map(entries)
        return port
    }

    private func check(published text: String, at node: Node, _ diagnostics: inout Diagnostics) {
        guard !text.isEmpty, PortRange(text, lowest: 0) == nil else { return }
        diagnostics.problem("\"\(text)\" is not a port or a range of ports", at: node.mark)
    }

    private func check(transport text: String, at node: Node, _ diagnostics: inout Diagnostics) {
        let words = PortProtocol.allCases.map(\.rawValue)
        guard !words.contains(text.lowercased()) else { return }
        diagnostics.problem(
            "unknown protocol \"\(text)\"",
            at: node.mark,
            hint: diagnostics.suggestion(for: text, among: words) ?? "tcp, udp or sctp"
        )
    }

    private func shortPorts(_ text: String, _ node: Node, _ diagnostics: inout Diagnostics)
        -> [Node]
    {
        do {
            let expanded = try ShortPort(text).expanded
            guard diagnostics.spend(nodes: 5 * expanded.count, at: node.mark) else { return [] }
            return expanded.map { port in
                var entries = Node.Mapping(minimumCapacity: 5)
                entries["mode"] = node.made(.string("ingress"))
                if let address = port.hostAddress {
                    entries["host_ip"] = node.made(.string(address))
                }
                entries["target"] = node.made(.int(Int64(port.target)))
                if let published = port.published {
                    entries["published"] = node.made(.string(published))
                }
                entries["protocol"] = node.made(.string(port.transport))
                return node.with(.map(entries))
            }
        } catch {
            diagnostics.problem(error.message, at: node.mark, hint: error.hint)
            return []
        }
    }
}

/// The short form of an element of `ports`.
struct ShortPort {
    struct Failure: Error {
        var message: String
        var hint: String?
    }

    struct Expanded {
        var hostAddress: String?
        /// Empty never: nil lets the engine choose; `8000-8002` lets it choose among these.
        var published: String?
        var target: UInt16
        var transport: String
    }

    private(set) var expanded: [Expanded] = []

    init(_ text: String) throws(Failure) {
        let form = "[[IP:]HOST:]CONTAINER[/PROTOCOL], such as \"8080:80\""
        var rest = text[...]
        var transport = "tcp"
        if let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) {
            transport = rest[rest.index(after: slash)...].lowercased()
            rest = rest[..<slash]
            guard PortProtocol(rawValue: transport) != nil else {
                throw Failure(
                    message: "unknown protocol \"\(transport)\"",
                    hint: "tcp, udp or sctp"
                )
            }
        }
        let container = Self.behindColon(rest)
        guard !container.isEmpty else {
            throw Failure(message: "\"\(text)\" names no port of the container", hint: form)
        }
        guard let target = PortRange(container) else {
            throw Failure(message: "invalid container port: \(container)", hint: form)
        }
        rest = rest[..<container.startIndex].dropLast()
        let host = Self.behindColon(rest)
        var published: PortRange?
        if !host.isEmpty {
            guard let range = PortRange(host, lowest: 0) else {
                throw Failure(message: "invalid host port: \(host)", hint: form)
            }
            published = range
        }
        let address = try Self.address(rest[..<host.startIndex].dropLast(), of: text)
        if let published, published.count != target.count, target.count != 1 {
            throw Failure(
                message: "invalid ranges for container and host ports: \(container) and \(host)",
                hint: "make them of one length"
            )
        }
        for offset in 0..<target.count {
            var port = Expanded(
                hostAddress: address,
                target: target.first + UInt16(offset),
                transport: transport
            )
            if let published {
                port.published =
                    target.count == 1 && published.count > 1
                    ? "\(published.first)-\(published.last)"
                    : String(published.first + UInt16(offset))
            }
            expanded.append(port)
        }
    }

    private static func behindColon(_ text: Substring) -> Substring {
        let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
        return text[(colon.map { text.utf8.index(after: $0) } ?? text.startIndex)...]
    }

    private static func address(
        _ text: Substring,
        of whole: String
    ) throws(Failure) -> String? {
        guard !text.isEmpty else { return nil }
        var address = String(text)
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = String(address.dropFirst().dropLast())
        } else if address.contains(":") {
            throw Failure(
                message: "invalid ip address: \(text)",
                hint: "an IPv6 address goes in brackets: "
                    + "write \"[\(text)]\(whole.dropFirst(text.count))\""
            )
        }
        guard IPAddress(address) != nil else {
            throw Failure(message: "invalid ip address: \(text)")
        }
        return address
    }
}
