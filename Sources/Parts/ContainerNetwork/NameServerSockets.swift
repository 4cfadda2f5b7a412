import Addresses
import Linux

/// The sockets of a container's name server, in the calling thread's network namespace.
struct NameServerSockets: Sendable {
    let udp: SharedFD
    let tcp: SharedFD

    /// Opens them on free ports and leads 127.0.0.11:53 to them.
    init() throws(NetworkError) {
        let ports: (udp: UInt16, tcp: UInt16)
        do throws(SyscallError) {
            let address = SocketAddress(NameServerTable.address, port: 0)
            let (udp, tcp) = (try InternetSocket(.datagram), try InternetSocket(.stream))
            try udp.bind(address)
            try tcp.bind(address)
            try tcp.listen(backlog: 32)
            ports = (try udp.localAddress().port, try tcp.localAddress().port)
            self.udp = udp.fd
            self.tcp = tcp.fd
        } catch {
            throw NetworkError(action: "open a container's name server", error)
        }
        var firewall = try Firewall()
        try firewall.install(NameServerTable.table(udp: ports.udp, tcp: ports.tcp))
    }
}
