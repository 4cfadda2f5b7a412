import CLinux
import Glibc
import Linux
import SystemPackage

/// The tables of iptables' older implementation, which nf_tables does not list. Looked at, never
/// changed: its interface replaces a table whole, and a change of somebody else's could be lost by it.
/// linux/netfilter_ipv4/ip_tables.h, iptables(8).
enum LegacyTables {
    /// Those in use in the calling thread's network namespace.
    static var names: [String] {
        // `try?`: the file exists only while that implementation is loaded.
        let bytes = (try? readFile("/proc/thread-self/net/ip_tables_names", limit: 4096)) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Whether the chain FORWARD of the table `filter` drops what it does not know, and does not
    /// accept links whose names begin with `prefix`.
    static func dropsForwarding(butAdmits prefix: String) -> Bool {
        guard names.contains("filter"), let table = Filter() else { return false }
        return table.policyOfForward == .drop
            && !(table.forward.contains { $0.accepts(from: prefix) }
                && table.forward.contains { $0.accepts(to: prefix) })
    }

    /// The table `filter` as the kernel gives it.
    private struct Filter {
        private let entries: [UInt8]
        private let forwardStart: Int
        private let forwardEnd: Int

        private static let forwardHook = 2
        private static let nameLength = 32

        /// nil when it cannot be read.
        init?() {
            // `try?`: without a raw socket nothing can be said about it.
            guard
                let socket = try? syscall("socket", { socket(AF_INET, rawKind, CInt(IPPROTO_RAW)) })
            else { return nil }
            let fd = OwnedFD(taking: socket)
            let name = Array("filter".utf8)
            let padding = [UInt8](repeating: 0, count: Self.nameLength - name.count)
            // name, valid hooks, five entries, five underflows, number, size
            guard let info = Self.option(fd, 64, name + padding, size: Self.nameLength + 52) else {
                return nil
            }
            func number(_ index: Int) -> Int {
                Int(info[...].number(at: Self.nameLength + 4 * index, as: UInt32.self))
            }
            let size = number(12)
            guard size <= 16 << 20 else { return nil }
            let request = name + padding + withUnsafeBytes(of: UInt32(size)) { [UInt8]($0) }
            // The size is followed by padding to the entries' alignment.
            let header = Self.nameLength + 8
            guard let answer = Self.option(fd, 65, request, size: header + size) else {
                return nil
            }
            entries = [UInt8](answer.dropFirst(header))
            forwardStart = number(1 + Self.forwardHook)
            forwardEnd = number(6 + Self.forwardHook)
        }

        private static func option(
            _ fd: borrowing OwnedFD,
            _ name: CInt,
            _ request: [UInt8],
            size: Int
        ) -> [UInt8]? {
            var buffer = request + [UInt8](repeating: 0, count: max(size - request.count, 0))
            var length = socklen_t(buffer.count)
            let result = fd.with { getsockopt($0, CInt(IPPROTO_IP), name, &buffer, &length) }
            return result == 0 ? buffer : nil
        }

        var policyOfForward: Entry.Verdict? { entry(at: forwardEnd)?.verdict }

        /// The rules before the policy.
        var forward: [Entry] {
            var found: [Entry] = []
            var offset = forwardStart
            while offset < forwardEnd, let entry = entry(at: offset) {
                found.append(entry)
                offset += entry.length
            }
            return found
        }

        private func entry(at offset: Int) -> Entry? {
            guard offset >= 0, offset <= entries.count else { return nil }
            return Entry(entries[offset...])
        }
    }

    private static var rawKind: CInt {
        CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    }

    /// One rule, a `struct ipt_entry`.
    struct Entry {
        enum Verdict { case drop, accept, other }

        /// Bytes until the next one.
        var length: Int
        var verdict: Verdict
        private var input: String
        private var output: String
        /// Whether it asks for nothing but links.
        private var isAboutLinksOnly: Bool

        private static let headerLength = 112

        init?(_ bytes: ArraySlice<UInt8>) {
            guard bytes.count >= Self.headerLength else { return nil }
            let target = Int(bytes.number(at: 88, as: UInt16.self))
            length = Int(bytes.number(at: 90, as: UInt16.self))
            guard length >= Self.headerLength, length <= bytes.count, target + 36 <= length else {
                return nil
            }
            let name = bytes.dropFirst(target + 2).prefix(29).prefix { $0 != 0 }
            switch (name.isEmpty, bytes.number(at: target + 32, as: Int32.self)) {
            case (true, -1): verdict = .drop
            case (true, -2): verdict = .accept
            default: verdict = .other
            }
            func link(_ offset: Int) -> String {
                let name = bytes.dropFirst(offset).prefix(16).prefix { $0 != 0 }
                return String(decoding: name, as: UTF8.self)
            }
            input = link(16)
            output = link(32)
            let addresses = bytes.prefix(16)
            let inverted = bytes.dropFirst(83).first
            let transport = bytes.number(at: 80, as: UInt16.self)
            isAboutLinksOnly =
                addresses.allSatisfy { $0 == 0 } && inverted == 0 && transport == 0
                && target == Self.headerLength
        }

        func accepts(from prefix: String) -> Bool {
            verdict == .accept && isAboutLinksOnly && output.isEmpty
                && Self.covers(input, prefix)
        }

        func accepts(to prefix: String) -> Bool {
            verdict == .accept && isAboutLinksOnly && input.isEmpty
                && Self.covers(output, prefix)
        }

        /// A plus at the end stands for any rest, nothing at all for any link.
        private static func covers(_ pattern: String, _ prefix: String) -> Bool {
            pattern.isEmpty
                || pattern.hasSuffix("+") && prefix.hasPrefix(String(pattern.dropLast()))
        }
    }
}
