import Linux

/// The sockets of a container's name server, in the calling thread's network namespace.
struct NameServerSockets: Sendable {
    let udp: SharedFD
    let tcp: SharedFD

    /// Opens them on free ports and leads 127.0.0.11:53 to them.
    init() throws(NetworkError) {
        let ports: (udp: UInt16, tcp: UInt16)
        do throws(SyscallError) {
            udp = try InternetSocket.open(.udp)
            tcp = try InternetSocket.open(.tcp)
            try InternetSocket.bind(udp, NameServerTable.address, 0)
            try InternetSocket.bind(tcp, NameServerTable.address, 0)
            try InternetSocket.listen(tcp, backlog: 32)
            ports = (try InternetSocket.port(of: udp), try InternetSocket.port(of: tcp))
        } catch {
            throw NetworkError(action: "open a container's name server", error)
        }
        var firewall = try Firewall()
        try firewall.install(NameServerTable.table(udp: ports.udp, tcp: ports.tcp))
    }
}
