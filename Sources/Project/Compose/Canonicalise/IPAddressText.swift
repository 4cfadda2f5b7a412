/// Addresses as text: all a compose file needs to know of them is whether they are some.
enum IPAddressText {
    static func isValid(_ text: String) -> Bool { isIPv4(text[...]) || isIPv6(text) }

    static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy {
                UInt8($0) != nil && $0.allSatisfy(\.isNumber) && ($0.count == 1 || $0.first != "0")
            }
    }

    static func isIPv6(_ text: String) -> Bool {
        // A zone is of no use in a file that is to work on another machine too.
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, text.contains(":") else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated() {
                let isLast = index == halves.count - 1 && place == parts.count - 1
                if isLast, part.contains(".") {
                    guard isIPv4(part) else { return false }
                    groups += 2
                } else {
                    guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit) else {
                        return false
                    }
                    groups += 1
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    /// `172.28.0.0/16`
    static func isSubnet(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = UInt8(parts[1]) else { return false }
        return isIPv4(parts[0]) ? bits <= 32 : isIPv6(String(parts[0])) && bits <= 128
    }
}
