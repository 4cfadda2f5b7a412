import Glibc
import Linux
package import OCI
package import SystemPackage

/// Which platforms' programs this machine can run: its own, and those that the kernel hands to an
/// interpreter (binfmt_misc). Linux Documentation/admin-guide/binfmt-misc.rst.
package struct RunnablePlatforms: Sendable {
    /// This machine's own.
    package let host: Platform
    private let interpreters: [Interpreter]

    /// Where the kernel lists the interpreters.
    package static let listing: FilePath = "/proc/sys/fs/binfmt_misc"

    /// Looks at the kernel's listing.
    package init(host: Platform = .host, listing: FilePath = Self.listing) {
        self.host = host
        interpreters = Interpreter.all(in: listing)
    }

    /// What can be done with programs of a platform.
    package enum Answer: Hashable, Sendable {
        case native
        /// By an interpreter, at this path.
        case emulated(String)
        /// The sentence says why not, and what to do.
        case refused(String)
    }

    /// Whether and how this machine runs programs of a platform.
    package func answer(_ platform: Platform) -> Answer {
        if host.rank(of: platform) != nil { return .native }
        let wanted = platform.normalized
        guard wanted.os == host.os else {
            return .refused("this machine runs programs of \(host.os), not of \(wanted.os)")
        }
        // An interpreter is no help for the machine's own family.
        guard wanted.architecture != host.normalized.architecture else {
            return .refused(
                "this machine counts as \(host), and berth does not look whether its processor has "
                    + "what \(platform) has besides; name \(host)"
            )
        }
        guard let header = ELFHeader(of: wanted) else {
            return .refused("this machine is \(host), and berth does not know \(platform)")
        }
        let known = interpreters.filter { $0.takes(header) }
        if let interpreter = known.first(where: \.isFixed) { return .emulated(interpreter.path) }
        if let interpreter = known.first {
            return .refused(
                "\(interpreter.path) runs programs of \(platform), but not in containers: it is "
                    + "registered without the flag F; install qemu-user-binfmt or "
                    + "qemu-user-static, which register it so"
            )
        }
        return .refused(
            "this machine is \(host), and no interpreter for \(platform) is registered; install one "
                + "(Debian: apt-get install qemu-user-static binfmt-support), or do it on such a machine"
        )
    }

    /// Whether programs of a platform can be run.
    package func canRun(_ platform: Platform) -> Bool {
        if case .refused = answer(platform) { false } else { true }
    }

    /// Those of docker's usual platforms that can be run, the machine's own first.
    package var all: [Platform] {
        let others = Self.usual.filter { host.rank(of: $0) != 0 && canRun($0) }
        return [host] + others
    }

    private static let usual = [
        ("amd64", nil), ("arm64", nil), ("386", nil), ("arm", "v7"), ("arm", "v6"),
        ("riscv64", nil), ("ppc64le", nil), ("s390x", nil), ("loong64", nil), ("mips64le", nil),
    ].map { Platform(os: "linux", architecture: $0.0, variant: $0.1) }
}

/// The beginning of a program's file of some platform: what the kernel compares. elf(5).
private struct ELFHeader {
    let bytes: [UInt8]

    /// nil for an architecture that is not known here.
    init?(of platform: Platform) {
        let (machine, isWide, isBig): (UInt16, Bool, Bool)
        switch platform.architecture {
        case "386": (machine, isWide, isBig) = (3, false, false)
        case "amd64": (machine, isWide, isBig) = (62, true, false)
        case "arm": (machine, isWide, isBig) = (40, false, false)
        case "arm64": (machine, isWide, isBig) = (183, true, false)
        case "riscv64": (machine, isWide, isBig) = (243, true, false)
        case "ppc64le": (machine, isWide, isBig) = (21, true, false)
        case "ppc64": (machine, isWide, isBig) = (21, true, true)
        case "s390x": (machine, isWide, isBig) = (22, true, true)
        case "loong64": (machine, isWide, isBig) = (258, true, false)
        case "mips64le": (machine, isWide, isBig) = (8, true, false)
        case "mips64": (machine, isWide, isBig) = (8, true, true)
        case "mipsle": (machine, isWide, isBig) = (8, false, false)
        case "mips": (machine, isWide, isBig) = (8, false, true)
        default: return nil
        }
        let identity: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, isWide ? 2 : 1, isBig ? 2 : 1, 1]
        func half(_ value: UInt16) -> [UInt8] {
            let bytes = [UInt8(value & 0xff), UInt8(value >> 8)]
            return isBig ? bytes.reversed() : bytes
        }
        // ET_EXEC, the machine, and the version, which not every mask looks at.
        let version: [UInt8] = isBig ? [0, 0, 0, 1] : [1, 0, 0, 0]
        bytes = identity + [UInt8](repeating: 0, count: 9) + half(2) + half(machine) + version
    }
}

/// An interpreter as the kernel lists it.
private struct Interpreter: Sendable {
    var path: String
    /// The kernel opened it when it was registered, so that containers need no copy of it.
    var isFixed = false
    var offset = 0
    var magic: [UInt8] = []
    var mask: [UInt8]?

    func takes(_ header: ELFHeader) -> Bool {
        guard !magic.isEmpty, offset + magic.count <= header.bytes.count else { return false }
        return magic.indices.allSatisfy { index in
            let bits = mask.map { index < $0.count ? $0[index] : 0xff } ?? 0xff
            return header.bytes[offset + index] & bits == magic[index] & bits
        }
    }

    static func all(in listing: FilePath) -> [Interpreter] {
        // Where it is not mounted, or may not be read, nothing is registered for us.
        guard let status = try? readFile(listing.appending("status"), limit: 64),
            String(decoding: status, as: UTF8.self).hasPrefix("enabled"),
            let names = try? openFile(listing, O_RDONLY | O_DIRECTORY).entryNames()
        else { return [] }
        return names.filter { !["status", "register"].contains($0.string) }
            .sorted { $0.string < $1.string }
            .compactMap { name in
                (try? readFile(listing.appending(name), limit: 4096)).flatMap { Interpreter($0) }
            }
    }

    /// One file of the listing; nil for one that is turned off or goes by the file's name.
    init?(_ text: [UInt8]) {
        path = ""
        var isEnabled = false
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            let value = words.count > 1 ? String(words[1]) : ""
            switch words.first {
            case "enabled": isEnabled = true
            case "interpreter": path = value
            case "flags:": isFixed = value.contains("F")
            case "offset": offset = Int(value) ?? 0
            case "magic": magic = Self.bytes(value)
            case "mask": mask = Self.bytes(value)
            default: continue
            }
        }
        guard isEnabled, !path.isEmpty, !magic.isEmpty else { return nil }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        }
    }
}
