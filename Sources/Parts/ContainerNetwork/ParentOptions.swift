/// What a network on a link of the host can be asked for, macvlan or ipvlan: `driver_opts` under Docker's
/// names.
package struct ParentOptions: Hashable, Codable, Sendable {
    /// How its containers are told apart and reach each other.
    package enum Mode: Hashable, Codable, Sendable {
        /// Each container has an Ethernet address of its own.
        case macvlan(Macvlan)
        /// All have the link's.
        case ipvlan(Ipvlan, Flag)
    }

    /// `macvlan_mode`.
    package enum Macvlan: String, Hashable, Codable, CaseIterable, Sendable {
        case bridge, `private`, vepa, passthru

        /// `MACVLAN_MODE_…`.
        var number: UInt32 {
            switch self {
            case .private: 1
            case .vepa: 2
            case .bridge: 4
            case .passthru: 8
            }
        }
    }

    /// `ipvlan_mode`.
    package enum Ipvlan: String, Hashable, Codable, CaseIterable, Sendable {
        case l2, l3, l3s

        /// `IPVLAN_MODE_…`.
        var number: UInt16 {
            switch self {
            case .l2: 0
            case .l3: 1
            case .l3s: 2
            }
        }
    }

    /// `ipvlan_flag`.
    package enum Flag: String, Hashable, Codable, CaseIterable, Sendable {
        case bridge, `private`, vepa

        /// `IPVLAN_F_…`.
        var number: UInt16 {
            switch self {
            case .bridge: 0
            case .private: 1
            case .vepa: 2
            }
        }
    }

    /// The host's link; without one the network has a link of its own that leads nowhere.
    package var parent: String?
    /// What was asked for, or docker's: `bridge`, `l2`.
    package var mode: Mode
    /// Largest packet in bytes.
    package var mtuBytes: UInt32?

    /// Whether one container has the link for itself.
    package var takesParentOver: Bool { mode == .macvlan(.passthru) }

    /// Reads them; nil for a driver that has no such options.
    /// - Throws: a `NetworkError` for one that is not known or has no meaning.
    package init?(
        _ options: [String: String],
        of driver: NetworkDriverName
    ) throws(NetworkError) {
        switch driver {
        case .bridge: return nil
        case .macvlan: mode = .macvlan(.bridge)
        case .ipvlan: mode = .ipvlan(.l2, .bridge)
        }
        for (key, text) in options.sorted(by: { $0.key < $1.key }) {
            switch (driver, key) {
            case (_, "parent"):
                guard !text.isEmpty else { continue }
                try Self.checkParent(text, driver)
                parent = text
            case (_, "com.docker.network.driver.mtu"):
                guard let bytes = UInt32(text), (68...65535).contains(bytes) else {
                    throw NetworkError(
                        action: "use driver option \(key)",
                        reason: "\"\(text)\" is not a value of it",
                        hint: "a number of bytes from 68 to 65535"
                    )
                }
                mtuBytes = bytes
            case (.macvlan, "macvlan_mode"):
                mode = .macvlan(try Self.value(text, driver, "mode", or: .bridge))
            case (.ipvlan, "ipvlan_mode"):
                guard case .ipvlan(_, let flag) = mode else { continue }
                mode = .ipvlan(try Self.value(text, driver, "mode", or: .l2), flag)
            case (.ipvlan, "ipvlan_flag"):
                guard case .ipvlan(let former, _) = mode else { continue }
                mode = .ipvlan(former, try Self.value(text, driver, "flag", or: .bridge))
            default:
                throw NetworkError(
                    action: "use driver option \(key)",
                    reason: "the driver \(driver.rawValue) has no such option here"
                )
            }
        }
    }

    /// Docker's words.
    private static func value<Value: RawRepresentable & CaseIterable>(
        _ text: String,
        _ driver: NetworkDriverName,
        _ noun: String,
        or usual: Value
    ) throws(NetworkError) -> Value where Value.RawValue == String {
        if text.isEmpty { return usual }
        if let value = Value(rawValue: text) { return value }
        throw NetworkError(
            action: "use driver option \(driver.rawValue)_\(noun)",
            reason: "requested \(driver.rawValue) \(noun) '\(text)' is not valid, "
                + "'\(usual.rawValue)' \(noun) is the \(driver.rawValue) driver default",
            hint: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }

    private static func checkParent(
        _ text: String,
        _ driver: NetworkDriverName
    ) throws(NetworkError) {
        let action = "use driver option parent"
        guard text != "lo" else {
            throw NetworkError(
                action: action,
                reason: "loopback interface is not a valid \(driver.rawValue) parent link"
            )
        }
        guard LinkName.isValid(text) else {
            throw NetworkError(
                action: action,
                reason: "\"\(text)\" is not a name of a link",
                hint: "at most 15 bytes, as `ip link` lists them"
            )
        }
    }
}
