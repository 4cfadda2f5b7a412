import Addresses

/// What docker's command line refuses of `-p`: `[[address:]port:]port[/protocol]`.
enum PublishedPortRule {
    /// nil for what docker takes.
    static func refusal(of value: String) -> DockerValueRules.Refusal? {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let last = parts[parts.count - 1]
        let words = last.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let container = String(words.first ?? "")
        let host = parts.count > 1 ? parts[parts.count - 2] : ""
        let address = parts.dropLast(2).joined(separator: ":")
        if let reason = addressRefusal(address) { return .plain(reason) }
        if container.isEmpty { return .plain("No port specified: \(value)<empty>") }
        guard let inside = range(container) else {
            return .plain("Invalid containerPort: \(container)")
        }
        guard host.isEmpty || range(host) != nil else { return .plain("Invalid hostPort: \(host)") }
        if let outside = range(host), outside.count != inside.count, inside.count != 1 {
            return .plain(
                "Invalid ranges specified for container and host Ports: \(container) and \(host)"
            )
        }
        let transport = words.count > 1 ? words[1].lowercased() : "tcp"
        guard ["tcp", "udp", "sctp"].contains(transport) else {
            return .plain("Invalid proto: \(words[1])")
        }
        return nil
    }

    private static func addressRefusal(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if text.contains(":"), !isBracketed {
            return "Invalid ip address \(text): address \(text):: too many colons in address"
        }
        let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
        return IPAddress(bare) == nil ? "Invalid ip address: \(bare)" : nil
    }

    private static func range(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = ends.compactMap { UInt16($0) }
        guard numbers.count == ends.count, (1...2).contains(numbers.count),
            numbers[0] <= numbers[numbers.count - 1]
        else { return nil }
        return numbers[0]...numbers[numbers.count - 1]
    }
}
