/// Devices a container may use: everything that no rule allows is denied. In the words of the v1
/// devices controller: `c 1:3 rwm`.
package struct DeviceRule: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Kind of device node, with the letters of mknod(1); `a` is every kind.
    package enum Kind: String, Hashable, Codable, Sendable {
        case all = "a", block = "b", character = "c"
    }

    /// What may be done with a device.
    package struct Access: OptionSet, Hashable, Codable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        // The kernel's BPF_DEVCG_ACC_* bits.
        package static let mknod = Access(rawValue: 1)
        package static let read = Access(rawValue: 2)
        package static let write = Access(rawValue: 4)
        package static let all: Access = [.read, .write, .mknod]

        /// Reads one to three of the letters `r`, `w` and `m`; nil for anything else.
        package init?(parsing text: some StringProtocol) {
            var access: Access = []
            for letter in text {
                switch letter {
                case "r": access.insert(.read)
                case "w": access.insert(.write)
                case "m": access.insert(.mknod)
                default: return nil
                }
            }
            guard (1...3).contains(text.count) else { return nil }
            self = access
        }

        /// Its letters: `rwm`.
        package var letters: String {
            [(Access.read, "r"), (.write, "w"), (.mknod, "m")]
                .filter { contains($0.0) }.map(\.1).joined()
        }
    }

    package var kind: Kind
    /// nil is every one.
    package var major: UInt32?
    /// nil is every one.
    package var minor: UInt32?
    package var access: Access

    package init(_ kind: Kind, _ major: UInt32?, _ minor: UInt32?, _ access: Access) {
        self.kind = kind
        self.major = major
        self.minor = minor
        self.access = access
    }

    /// Reads `[acb] (major|*):(minor|*) [rwm]{1,3}`; nil for anything else.
    package init?(parsing text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, let kind = Kind(rawValue: String(words[0])) else { return nil }
        let numbers = words[1].split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2, let major = Self.number(numbers[0]),
            let minor = Self.number(numbers[1]), let access = Access(parsing: words[2])
        else { return nil }
        self.init(kind, major, minor, access)
    }

    private static func number(_ text: Substring) -> UInt32?? {
        if text == "*" { return .some(nil) }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(text) else {
            return nil
        }
        return .some(number)
    }

    package var description: String {
        let number = { (value: UInt32?) in value.map(String.init) ?? "*" }
        return "\(kind.rawValue) \(number(major)):\(number(minor)) \(access.letters)"
    }

    /// Every device there is.
    package static let everything = DeviceRule(.all, nil, nil, .all)

    /// Docker's: nodes of any device may be made, and those every program needs may be used.
    package static let defaults: [DeviceRule] = {
        let used: [(UInt32, UInt32?)] = [
            (1, 3), (1, 5), (1, 7), (1, 8), (1, 9),  // null, zero, full, random, urandom
            (5, 0), (5, 1), (5, 2), (136, nil),  // tty, console, ptmx, terminals
        ]
        return [
            DeviceRule(.character, nil, nil, .mknod), DeviceRule(.block, nil, nil, .mknod),
        ] + used.map { DeviceRule(.character, $0.0, $0.1, .all) }
    }()
}

extension [DeviceRule] {
    /// Those of one device in one, in the order of the first; a rule for every kind allows
    /// everything, as in version 1.
    package var merged: [DeviceRule] {
        if contains(where: { $0.kind == .all }) { return [.everything] }
        var rules: [DeviceRule] = []
        for rule in self {
            let place = rules.firstIndex {
                $0.kind == rule.kind && $0.major == rule.major && $0.minor == rule.minor
            }
            if let place {
                rules[place].access.formUnion(rule.access)
            } else {
                rules.append(rule)
            }
        }
        return rules
    }
}
