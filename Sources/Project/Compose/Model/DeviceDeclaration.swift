package import OrderedCollections

/// The devices of a service: `devices`, `device_cgroup_rules`, `gpus`.
package struct DeviceDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `mappings`.
    package var mappings: [DeviceMapping] = []
    /// compose-spec `cgroup_rules`.
    package var cgroupRules: [DeviceRule] = []
    /// compose-spec `gpus`.
    package var gpus: [DeviceRequest] = []
    /// What files of the Container Device Interface say of those that are named; nil unless the
    /// project is loaded to run.
    package var edits: DeviceEdits?
    /// Says nothing yet.
    package init() {}
}

/// One element of `devices`.
package struct DeviceMapping: Hashable, Codable, Sendable {
    /// A path of the host, or the name of a CDI device: `vendor.com/class=name`.
    package var source: String
    /// Path in the container.
    package var target: String?
    /// Of `r`, `w` and `m`.
    package var permissions: String?

    /// `vendor.com/class=name`, as the Container Device Interface has it.
    package static func isQualifiedName(_ text: String) -> Bool { CDIName(text) != nil }
}

/// One element of `device_cgroup_rules`: `c 1:3 rwm`.
package struct DeviceRule: Hashable, Codable, Sendable {
    /// Which kind of devices.
    package enum Kind: String, Hashable, Codable, Sendable {
        case all = "a"
        case character = "c"
        case block = "b"
    }

    /// compose-spec `kind`.
    package var kind: Kind
    /// nil is every one.
    package var major: UInt32?
    /// compose-spec `minor`.
    package var minor: UInt32?
    /// Of `r`, `w` and `m`.
    package var permissions: String

    /// As it is written in a file.
    package var text: String {
        let numbers = [major, minor].map { $0.map(String.init) ?? "*" }
        return "\(kind.rawValue) \(numbers[0]):\(numbers[1]) \(permissions)"
    }

    /// Reads `KIND MAJOR:MINOR PERMISSIONS`, a star for every number; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Kind(rawValue: String(parts[0])),
            Self.isPermissions(parts[2])
        else { return nil }
        let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2,
            numbers.allSatisfy({ $0 == "*" || ($0.first != "+" && UInt32($0) != nil) })
        else { return nil }
        self.kind = kind
        major = UInt32(numbers[0])
        minor = UInt32(numbers[1])
        permissions = String(parts[2])
    }

    /// One to three of the letters `r`, `w` and `m`.
    static func isPermissions(_ text: some StringProtocol) -> Bool {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { "rwm".utf8.contains($0) }
    }
}

/// One element of `gpus`, or of the devices that `deploy` reserves.
package struct DeviceRequest: Hashable, Codable, Sendable {
    /// compose-spec `driver`.
    package var driver: String?
    /// compose-spec `capabilities`.
    package var capabilities: [String] = []
    /// -1 is all there are.
    package var count: Int64?
    /// compose-spec `device_ids`.
    package var deviceIDs: [String] = []
    /// compose-spec `options`.
    package var options: OrderedDictionary<String, String> = [:]
    /// Says nothing yet.
    package init() {}
}
