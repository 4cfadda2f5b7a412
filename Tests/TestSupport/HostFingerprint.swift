import Foundation
import Glibc
package import Testing

/// Fails a suite whose tests change anything of the host that an escape would be used for: files that
/// decide who is root or what the kernel executes, what stands in `/`, berth's own programs, the
/// mounts of this namespace, the host's name.
package struct HostFingerprint: SuiteTrait, TestScoping {
    /// Written by nobody while tests run. What is not there must not come to be.
    private static let files = [
        "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hosts", "/etc/hostname",
        "/etc/resolv.conf", "/etc/sudoers", "/etc/crontab", "/etc/ld.so.preload", "/etc/profile",
    ]
    private static let kernel = [
        "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/domainname", "/proc/sys/kernel/sysrq", "/proc/sys/vm/swappiness",
        "/sys/kernel/uevent_helper",
    ]

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let before = Self.present()
        try await function()
        let after = Self.present()
        for (name, value) in after where before[name] != value {
            Issue.record("\(test.name): \(name) was \(before[name] ?? "absent"), is \(value)")
        }
        for name in before.keys where after[name] == nil {
            Issue.record("\(test.name): \(name) is gone")
        }
    }

    /// What there is, by name. Times of change say of a file that nobody wrote to it.
    private static func present() -> [String: String] {
        var things: [String: String] = [:]
        for path in files + ["berth", "berth-keeper"].map(Products.path) {
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            let changed = "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
            things[path] = "\(status.st_ino) \(status.st_size) \(status.st_mode) \(changed)"
        }
        for path in kernel { things[path] = content(path) }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/")) ?? [] {
            things["/\(name)"] = things["/\(name)"] ?? "present"
        }
        for line in content("/proc/self/mountinfo")?.split(separator: "\n") ?? [] {
            let fields = line.split(separator: " ")
            guard fields.count > 5, !fields[4].contains("berth") else { continue }
            things["mount \(fields[0]) at \(fields[4])"] = String(fields[5])
        }
        return things
    }

    // What cannot be read is not there.
    private static func content(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Trait where Self == HostFingerprint {
    /// The suite changes nothing that matters of the host.
    package static var leavesHostAsItWas: Self { Self() }
}
