import Addresses
package import ContainerRuntime
import Foundation
import Glibc
import Linux
import SystemPackage

/// A published port of a running container that nobody holds for it: its supervisor was killed, and
/// another program took the number before the next one came. What arrives is led to the container all
/// the same, but for what is relayed from IPv6.
package struct LostPort: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The container's name.
    package var container: String
    /// As it is published.
    package var binding: PortBinding
    /// Why it cannot be held, in words.
    package var reason: String

    /// Of a container with this name.
    package init(container: String, binding: PortBinding, reason: String) {
        self.container = container
        self.binding = binding
        self.reason = reason
    }

    /// One sentence: whose port, and who has it.
    package var description: String {
        let number = binding.hostPort ?? 0
        let address = IPAddress(binding.hostAddress)
        let place =
            address.map { $0.isAny ? "\(number)" : "\(SocketAddress($0, port: number))" }
            ?? "\(number)"
        return
            "port \(place)/\(binding.transport.rawValue) of container \(container) is not held for "
            + "it: \(reason)"
    }
}

extension LostPort {
    /// What a project's supervisor has written down last; none without a file.
    package static func all(ofProject project: String, in layout: Layout) throws -> [LostPort] {
        guard let bytes = try readFileIfThere(layout.lostPorts(project), limit: 1 << 20)
        else { return [] }
        // `try?`: another version's is that of a supervisor which is replaced.
        return (try? JSONDecoder().decode([LostPort].self, from: Data(bytes))) ?? []
    }

    /// Replaces what was written before; no file where there is nothing to say.
    package static func write(
        _ all: [LostPort],
        ofProject project: String,
        in layout: Layout
    ) throws {
        let path = layout.lostPorts(project)
        guard !all.isEmpty else {
            guard unlink(path.string) != 0, errno != ENOENT else { return }
            throw SyscallError(call: "unlink", subject: path.string, errno: errno)
        }
        try atomicWrite([UInt8](try JSONEncoder().encode(all)), to: path, synced: false)
    }
}
