package import Addresses
package import Engine

/// A network as docker knows it: one of berth's, or one of the three that are always there.
package enum ListedNetwork: Sendable {
    case own(NetworkRecord)
    case predefined(Predefined)

    /// Those that nobody makes and nobody removes.
    package enum Predefined: String, CaseIterable, Sendable {
        case bridge, host, none

        /// Always the same: nobody made it.
        package var id: String {
            let digits = [Self.bridge: "b", .host: "a", .none: "c"]
            return String(repeating: digits[self] ?? "c", count: 64)
        }

        /// Docker's word for it.
        package var driver: String { self == .none ? "null" : rawValue }
    }

    /// Those of the machine, by name. A network that was made under a name that is always there is
    /// shown in its place.
    package static func all(_ records: [NetworkRecord]) -> [ListedNetwork] {
        let taken = Set(records.map(\.name))
        let others = Predefined.allCases.filter { !taken.contains($0.rawValue) }
        return (records.map(Self.own) + others.map(Self.predefined)).sorted { $0.name < $1.name }
    }

    /// What it is called.
    package var name: String {
        switch self {
        case .own(let record): record.name
        case .predefined(let network): network.rawValue
        }
    }

    /// 64 hexadecimal digits.
    package var id: String {
        switch self {
        case .own(let record): record.id.text
        case .predefined(let network): network.id
        }
    }

    /// Docker's word for it.
    package var driver: String {
        switch self {
        case .own(let record): "\(record.driver)"
        case .predefined(let network): network.driver
        }
    }

    /// None of one that is always there.
    package var labels: [String: String] {
        if case .own(let record) = self { record.labels } else { [:] }
    }

    /// Whether nothing leaves it.
    package var isInternal: Bool {
        if case .own(let record) = self { record.isInternal } else { false }
    }

    /// Whether it has addresses of a family. Those that are always there have IPv4.
    package func has(_ family: IPFamily) -> Bool {
        guard case .own(let record) = self else { return family == .v4 }
        return family == .v4 ? record.ipv4 != nil : record.ipv6 != nil
    }

    /// Whether it is always there.
    package var isPredefined: Bool { Predefined(rawValue: name) != nil }
}
