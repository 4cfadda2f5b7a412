import SystemPackage
import Glibc

/// Whether the kernel has IPv6.
package enum KernelIPv6 {
    /// Of the calling thread's network namespace; every namespace has it or none.
    package static var isPresent: Bool { access("/proc/thread-self/net/if_inet6", F_OK) == 0 }

    static func check(for network: NetworkConfiguration) throws(NetworkError) {
        guard !isPresent else { return }
        throw NetworkError(
            action: "make network \(network.name)",
            reason: "this kernel has no IPv6",
            hint: "leave out enable_ipv6, or start the kernel without ipv6.disable=1"
        )
    }
}
