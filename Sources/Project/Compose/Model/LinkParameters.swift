/// Kernel parameters of one link of a container, as docker's option
/// `com.docker.network.endpoint.sysctls` has them: `net.ipv4.conf.IFNAME.log_martians=1,…`, where IFNAME stands for
/// the link's name.
package enum LinkParameters {
    /// Docker's name of the option.
    package static let option = "com.docker.network.endpoint.sysctls"

    /// Values by parameter.
    /// - Throws: what is wrong with the first that is wrong, in docker's words.
    package static func read(_ text: String) throws(Mistake) -> [String: String] {
        var values: [String: String] = [:]
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let parts = pair[0].split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count > 4, parts[0] == "net", families.contains(parts[1]),
                parts[3] == "IFNAME",
                parts.allSatisfy(isPlain)
            else {
                throw Mistake(
                    description: "unrecognised network interface sysctl '\(entry)'; represent "
                        + "'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'"
                )
            }
            guard parts.count == 5 else {
                throw Mistake(
                    description: "expected sysctl '\(entry)' to have format net.X.Y.IFNAME.Z"
                )
            }
            guard pair.count == 2, !pair[1].isEmpty else {
                throw Mistake(description: "expected sysctl '\(entry)' to have format name=value")
            }
            values[String(pair[0])] = String(pair[1])
        }
        return values
    }

    /// What is wrong with one of them.
    package struct Mistake: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    private static let families: Set<Substring> = ["ipv4", "ipv6", "mpls"]

    /// A name of the kernel's, and no way out of its folder.
    private static func isPlain(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 95 || byte == 45
            }
    }
}
