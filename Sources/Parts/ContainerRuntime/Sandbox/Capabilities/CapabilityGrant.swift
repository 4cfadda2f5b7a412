import CLinux
import KernelNames
package import Linux
import SystemPackage

/// What a container gets of the capabilities its spec asks for, on this machine.
package struct CapabilityGrant: Hashable, Sendable {
    /// Bit n is the capability number n: for the bounding, permitted and effective sets.
    package var mask: UInt64
    /// A sentence per capability that was asked for and cannot be given.
    package var warnings: [String]

    /// Keeps of `names` what the kernel knows and this process may give.
    package init(_ names: [String], available: CapabilitiesAvailable) {
        mask = 0
        warnings = []
        for name in names {
            guard let number = Capability.number(name), number <= available.last else {
                warnings.append("\(name) is not known to this kernel and left out")
                continue
            }
            guard available.held & (1 << UInt64(number)) != 0 else {
                warnings.append("\(name) is not held by this process and left out")
                continue
            }
            mask |= 1 << UInt64(number)
        }
    }
}

/// The capabilities there are to give.
package struct CapabilitiesAvailable: Hashable, Sendable {
    /// The highest number the kernel knows.
    package var last: Int
    /// What this process has in its permitted and in its bounding set.
    package var held: UInt64

    package init(last: Int, held: UInt64) {
        self.last = last
        self.held = held
    }

    /// Asks the kernel about the calling process.
    package static func current() throws(SyscallError) -> CapabilitiesAvailable {
        let text = String(
            decoding: try readFile("/proc/sys/kernel/cap_last_cap", limit: 64),
            as: UTF8.self
        )
        let last = Int(text.split(separator: "\n").first ?? "") ?? Capability.names.count - 1
        var permitted: UInt64 = 0
        _ = try syscall("capget") { berth_capget_permitted(0, &permitted) }
        var bounding: UInt64 = 0
        for number in 0...max(0, last)
        where berth_prctl(PR_CAPBSET_READ, UInt(number), 0, 0, 0) == 1 {
            bounding |= 1 << UInt64(number)
        }
        return CapabilitiesAvailable(last: last, held: permitted & bounding)
    }
}
