import Addresses
import Glibc
import KernelNames
import TextForms

/// What docker refuses of mounts, names and addresses.
extension DockerValueRules {
    /// `[source:]target[:mode]`
    static func volume(_ value: String) -> Refusal? {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 1, parts.contains("") {
            return .plain("invalid spec: \(value): empty section between colons")
        }
        guard parts.count <= 3 else {
            return .engine("invalid volume specification: '\(value)'")
        }
        guard parts.count > 1 else { return nil }
        let (source, target) = (parts[0], parts[1])
        let isPath = source.hasPrefix("/") || source.hasPrefix(".") || source.hasPrefix("~")
        guard target.hasPrefix("/") else {
            let type = isPath ? "bind" : "volume"
            return .engine(
                "invalid volume specification: '\(value)': invalid mount config for type \"\(type)\": "
                    + "invalid mount path: '\(target)' mount path must be absolute"
            )
        }
        guard !isPath, source.wholeMatch(of: /[a-zA-Z0-9][a-zA-Z0-9_.\-]*/) == nil else {
            return nil
        }
        return .engine(
            "create \(source): \"\(source)\" includes invalid characters for a local volume name, "
                + "only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host "
                + "directory, use absolute path"
        )
    }

    /// `container[:mode]`, as an attribute of a file has it: with `container:` before it.
    static func inherited(_ value: String) -> Refusal? {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return nil }
        let mode = parts.dropFirst(2).joined(separator: ":")
        return ["ro", "rw", "z", "Z"].contains(mode) ? nil : .engine("invalid mode: \(mode)")
    }

    /// `container[:name]`
    static func link(_ value: String) -> Refusal? {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 2 ? .argument("bad format for links: \(value)") : nil
    }

    /// `user[:group]`, each a name or a number that there can be.
    static func user(_ value: String) -> Refusal? {
        for part in value.split(separator: ":")
        where part.trimmingPrefix("-").allSatisfy({ $0.isASCII && $0.isNumber }) {
            guard let number = Int64(part), (0...Int64(Int32.max)).contains(number) else {
                return .engine("uids and gids must be in range 0-2147483647")
            }
        }
        return nil
    }

    /// `name:address` or `name=address`
    static func host(_ value: String) -> Refusal? {
        guard let sign = value.firstIndex(where: { ":=".contains($0) }) else {
            return .argument("bad format for add-host: \"\(value)\"")
        }
        let address = value[value.index(after: sign)...]
        let bare =
            address.hasPrefix("[") && address.hasSuffix("]")
            ? address.dropFirst().dropLast() : address
        guard address != "host-gateway", IPAddress(String(bare)) == nil else { return nil }
        return .argument("invalid IP address in add-host: \"\(address)\"")
    }

    /// Of a health check: what is negative, and what no clock is that quick for.
    static func duration(_ value: String, _ flag: String) -> Refusal? {
        guard let duration = GoDuration.parse(value) else {
            return .argument("time: invalid duration \"\(value)\"")
        }
        if duration < 0 { return .plain("\(flag) cannot be negative") }
        guard duration > 0, duration < 1_000_000 else { return nil }
        let names = [
            "--health-interval": "Interval", "--health-timeout": "Timeout",
            "--health-start-period": "StartPeriod", "--health-start-interval": "StartInterval",
        ]
        return .engine("\(names[flag] ?? flag) in Healthcheck cannot be less than 1ms")
    }

    /// Attributes of the kernel that docker's command line lets a container have.
    static func sysctl(_ value: String) -> Refusal? {
        let name = value.prefix { $0 != "=" }
        let isNamespaced = ["net.", "fs.mqueue."].contains { name.hasPrefix($0) }
        let isTaken = name.count < value.count && (isNamespaced || kernelNames.contains(name))
        return isTaken ? nil : .argument("sysctl '\(value)' is not allowed")
    }

    private static let kernelNames: Set<Substring> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ]
}
