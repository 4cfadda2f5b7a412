import Addresses
import Glibc
import Linux
import SystemPackage

/// Who has a port of the host, for an error's words.
struct PortHolder: Equatable, CustomStringConvertible {
    var name: String
    var pid: Int32?

    var description: String { pid.map { "\(name) (pid \($0))" } ?? name }

    /// Looks through the sockets of the calling thread's network namespace, then for the process
    /// that has one of them open. nil when nothing is found: it may just have ended.
    static func find(
        _ address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol
    ) -> PortHolder? {
        publishedFor(address, port, transport) ?? process(listeningAt: address, port, transport)
    }

    /// The process that has it, whoever the firewall leads it to.
    static func process(
        listeningAt address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol
    ) -> PortHolder? {
        let versions = address.family == .v4 ? ["", "6"] : ["6"]
        let sockets = versions.flatMap { version in
            // `try?` here and below: this only improves a message about another failure.
            let path = FilePath("/proc/thread-self/net/\(transport.rawValue)\(version)")
            let text = (try? readFile(path, limit: 16 << 20)) ?? []
            return SocketTable.inodes(
                in: text,
                // A socket of IPv6 may have the port of IPv4, too.
                address: version.isEmpty || address.family == .v6 ? address : nil,
                port: port,
                listening: transport == .tcp
            )
        }
        return process(holding: Set(sockets))
    }

    /// The container of ours that the port leads to.
    private static func publishedFor(
        _ address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol
    ) -> PortHolder? {
        let elements = [address, .any(address.family)].map {
            HostTable.element(
                of: PublishedPort(
                    containerID: "",
                    hostAddress: $0,
                    hostPort: port,
                    transport: transport,
                    containerAddress: .any(address.family),
                    containerPort: 0
                ),
                in: ""
            )
        }
        guard var firewall = try? Firewall(),
            let found = try? firewall.look(up: elements, table: HostTable.name),
            let id = found.lazy.compactMap({ $0?.owner?.containerID }).first
        else { return nil }
        return PortHolder(name: "container \(id.prefix(12))")
    }

    private static func process(holding inodes: Set<String>) -> PortHolder? {
        guard !inodes.isEmpty, let processes = opendir("/proc") else { return nil }
        defer { closedir(processes) }
        let wanted = Set(inodes.map { "socket:[\($0)]" })
        while let entry = readdir(processes) {
            guard let pid = Int32(fileName(entry)), holds(pid, wanted) else { continue }
            let name = (try? readFile(FilePath("/proc/\(pid)/comm"), limit: 64)) ?? []
            let text = String(decoding: name.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            return PortHolder(name: text.isEmpty ? "a process" : text, pid: pid)
        }
        return nil
    }

    private static func holds(_ pid: Int32, _ wanted: Set<String>) -> Bool {
        guard let descriptors = opendir("/proc/\(pid)/fd") else { return false }
        defer { closedir(descriptors) }
        while let entry = readdir(descriptors) {
            var target = [CChar](repeating: 0, count: 64)
            let path = "/proc/\(pid)/fd/\(fileName(entry))"
            let count = readlink(path, &target, target.count)
            guard count > 0 else { continue }
            let bytes = target.prefix(count).map { UInt8(bitPattern: $0) }
            if wanted.contains(String(decoding: bytes, as: UTF8.self)) { return true }
        }
        return false
    }

    private static func fileName(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafeBytes(of: entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// The kernel's table of sockets, `/proc/net/tcp` and its like. proc_net_tcp in the kernel's
/// documentation.
enum SocketTable {
    /// Inodes of the sockets bound to the port, and to the address or to every address. Without an
    /// address (the IPv6 table) the port is enough.
    static func inodes(
        in table: [UInt8],
        address: IPAddress?,
        port: UInt16,
        listening: Bool
    ) -> [String] {
        table.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " ")).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count > 9 else { return nil }
            let local = fields[1].split(separator: ":")
            guard local.count == 2, UInt16(local[1], radix: 16) == port else { return nil }
            // 0A is LISTEN.
            if listening, fields[3] != "0A" { return nil }
            if let address, !address.isAny {
                guard let bound = bound(to: local[0]), bound == address || bound.isAny else {
                    return nil
                }
            }
            return fields[9]
        }
    }

    /// An address is printed as the machine sees it, four bytes at a time.
    private static func bound(to text: Substring) -> IPAddress? {
        var bytes: [UInt8] = []
        var rest = text
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        return IPAddress(bytes: bytes)
    }
}
