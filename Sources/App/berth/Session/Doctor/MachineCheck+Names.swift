import Addresses
import CLinux
import Glibc
import Linux

/// Whether names of the outside world are found, as containers need it.
extension MachineCheck {
    /// What asking a server came to.
    enum NameServerAnswer: Equatable { case answered, silent, unreachable(String) }

    /// `servers` are those of resolv.conf(5), with what each said.
    static func names(_ servers: [(address: String, answer: NameServerAnswer)]) -> Finding {
        let file = "/etc/resolv.conf"
        guard !servers.isEmpty else {
            return Finding(
                verdict: .degraded,
                what: "DNS",
                state: "\(file) names no server: containers find each other, and nothing outside",
                remedy: "add `nameserver ADDRESS` to it, or `dns:` to the services"
            )
        }
        let good = servers.filter { $0.answer == .answered }.map(\.address)
        guard good.isEmpty else {
            return Finding(
                verdict: .good,
                what: "DNS",
                state: "\(good.joined(separator: ", ")) \(good.count == 1 ? "answers" : "answer")"
            )
        }
        let said = servers.map { server in
            switch server.answer {
            case .answered: "\(server.address) answers"
            case .silent: "\(server.address) did not answer"
            case .unreachable(let why): "\(server.address): \(why)"
            }
        }
        return Finding(
            verdict: .degraded,
            what: "DNS",
            state: said.joined(separator: "; "),
            remedy: "look at \(file) and the firewall: port 53 to these; images cannot be pulled "
                + "by name until one answers"
        )
    }

    /// Addresses of the lines `nameserver`, at most three as in resolv.conf(5).
    static func nameServers(in text: String) -> [String] {
        let found = text.split(separator: "\n").compactMap { line -> String? in
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
        }
        return Array(found.prefix(3))
    }

    /// Asks each server for the name servers of the root, which every one knows.
    static func names() async -> Finding {
        let addresses = nameServers(in: text("/etc/resolv.conf"))
        var servers: [(address: String, answer: NameServerAnswer)] = []
        for address in addresses {
            // A scope (`fe80::1%eth0`) is the link's name; such a server is not asked.
            guard let server = IPAddress(address) else {
                servers.append((address, .unreachable("this address was not tried")))
                continue
            }
            servers.append((address, ask(server)))
        }
        return names(servers)
    }

    /// One question and at most two seconds for its answer.
    private static func ask(_ server: IPAddress) -> NameServerAnswer {
        do {
            let socket = try InternetSocket(.datagram, family: server.family)
            try socket.connect(SocketAddress(server, port: 53))
            // RFC 1035, 4.1: recursion wanted, one question: the root, NS, IN.
            let question: [UInt8] = [0x62, 0x74, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
            return socket.fd.with { number in
                guard send(number, question, question.count, Int32(MSG_NOSIGNAL)) > 0
                else {
                    return .unreachable(String(cString: strerror(errno)))
                }
                var wait = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
                guard poll(&wait, 1, 2000) > 0 else { return .silent }
                var answer = [UInt8](repeating: 0, count: 512)
                let count = recv(number, &answer, answer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return .unreachable(String(cString: strerror(errno))) }
                return count >= 12 && answer.prefix(2) == question.prefix(2) ? .answered : .silent
            }
        } catch {
            return .unreachable("\(error.errno == ENETUNREACH ? "no way leads there" : "\(error)")")
        }
    }
}
