import Addresses
import ContainerNetwork
import ContainerRuntime
import SystemPackage

/// The texts of `/etc/hosts` and `/etc/resolv.conf` in a container.
enum HostFiles {
    /// Docker's `/etc/hosts`: loopback, the container's own name at each of its addresses, then
    /// what the user adds. The host's own file with the host's network.
    static func hosts(
        _ spec: ContainerSpec,
        hostname: String,
        addresses: [IPAddress],
        gateways: [IPAddress]
    ) -> String {
        var lines: [String]
        if case .host = spec.network {
            lines = [contents("/etc/hosts")]
            if lines[0].hasSuffix("\n") { lines[0].removeLast() }
        } else {
            lines = [
                "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback",
                "fe00::\tip6-localnet", "ff00::\tip6-mcastprefix", "ff02::1\tip6-allnodes",
                "ff02::2\tip6-allrouters",
            ]
        }
        for extra in spec.extraHosts {
            // compose-spec `extra_hosts`: the address by which a container reaches its host.
            let host = gateways.isEmpty ? ["127.0.0.1"] : gateways.map { "\($0)" }
            let all = extra.address == "host-gateway" ? host : [extra.address]
            lines += all.map { "\($0)\t\(extra.name)" }
        }
        let names = names(spec, hostname: hostname)
        lines += addresses.map { "\($0)\t\(names)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a container is called in its own file.
    static func names(_ spec: ContainerSpec, hostname: String) -> String {
        let whole = spec.domainName.map { "\(hostname).\($0)" } ?? hostname
        // Docker: the name with its domain, then the first part of it alone.
        let first = whole.prefix { $0 != "." }
        return first == whole ? whole : "\(whole) \(first)"
    }

    /// A file with other lines for the container's own addresses; every other line stays.
    static func hosts(
        _ former: String,
        without old: [IPAddress],
        with new: [IPAddress],
        names: String
    ) -> String {
        let gone = Set(old.map { "\($0)\t\(names)" })
        var lines = former.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        lines.removeAll { gone.contains($0) }
        lines += new.map { "\($0)\t\(names)" }.filter { !lines.contains($0) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Our server at 127.0.0.11 on networks of ours, else the host's servers.
    static func resolvConf(_ spec: ContainerSpec) -> String {
        let host = ResolverConfiguration(parsing: contents("/etc/resolv.conf"))
        var own = ResolverConfiguration()
        own.searchDomains =
            spec.dns.searchDomains.isEmpty ? host.searchDomains : spec.dns.searchDomains
        // Docker: a search list of a single dot is no search list.
        if own.searchDomains == ["."] { own.searchDomains = [] }
        own.options = spec.dns.options.isEmpty ? host.options : spec.dns.options
        if case .attached = spec.network {
            own.servers = ["127.0.0.11"]
            if !own.options.contains(where: { $0.hasPrefix("ndots:") }) {
                own.options.append("ndots:0")
            }
        } else {
            own.servers = spec.dns.servers.isEmpty ? host.servers : spec.dns.servers
        }
        return own.text
    }

    /// For a container that is connected but not served by us: the host's servers as far as it can
    /// reach them. A server on the host's loopback is there for the host alone.
    static func resolvConfOutside() -> String {
        var host = ResolverConfiguration.ofHost()
        func reachable(_ servers: [String]) -> [String] {
            servers.filter { !$0.hasPrefix("127.") && $0 != "::1" }
        }
        if reachable(host.servers).isEmpty {
            // Where systemd-resolved keeps the servers it asks itself: systemd-resolved.service(8).
            let upstream = contents("/run/systemd/resolve/resolv.conf")
            host.servers = ResolverConfiguration(parsing: upstream).servers
        }
        host.servers = reachable(host.servers)
        // As Docker does when the host has nothing usable.
        if host.servers.isEmpty { host.servers = ["8.8.8.8", "8.8.4.4"] }
        return host.text
    }

    /// A file of the host; empty when there is none, as a resolver takes it.
    static func contents(_ path: FilePath) -> String {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
            // A host without the file is a host without names of its own.
            return ""
        }
        defer {
            // Nothing was written: closing cannot lose anything.
            try? file.close()
        }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        // An unreadable file counts as an empty one, as above.
        let count = (try? bytes.withUnsafeMutableBytes { try file.read(into: $0) }) ?? 0
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// What resolv.conf(5) says.
package struct ResolverConfiguration: Hashable, Sendable {
    package var servers: [String] = []
    package var searchDomains: [String] = []
    package var options: [String] = []

    package init() {}

    /// Reads the lines it knows and passes over the others, as the resolver does.
    package init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let keyword = words.first else { continue }
            switch keyword {
            case "nameserver": servers += words.dropFirst().prefix(1)
            // The last of these lines counts.
            case "search", "domain": searchDomains = Array(words.dropFirst())
            case "options": options += words.dropFirst()
            default: break
            }
        }
    }

    /// How long to wait for an answer: resolv.conf(5) `timeout`, 5 unless given, at most 30.
    package var timeoutSeconds: Int { number(of: "timeout", 1...30) ?? 5 }

    /// How often each server is asked: resolv.conf(5) `attempts`, 2 unless given, at most 5.
    package var attempts: Int { number(of: "attempts", 1...5) ?? 2 }

    /// The number behind an option, cut to a range; the last one counts.
    private func number(of option: String, _ range: ClosedRange<Int>) -> Int? {
        options.last { $0.hasPrefix("\(option):") }
            .flatMap { Int($0.dropFirst(option.utf8.count + 1)) }
            .map { min(max($0, range.lowerBound), range.upperBound) }
    }

    /// The host's own.
    package static func ofHost() -> ResolverConfiguration {
        ResolverConfiguration(parsing: HostFiles.contents("/etc/resolv.conf"))
    }

    package var text: String {
        var lines = servers.map { "nameserver \($0)" }
        if !searchDomains.isEmpty { lines.append("search \(searchDomains.joined(separator: " "))") }
        if !options.isEmpty { lines.append("options \(options.joined(separator: " "))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
