import Addresses
import ContainerNetwork
import Glibc
import Linux
import SystemPackage
import TextForms

/// Where the addresses of networks come from that ask for none: what the administrator says in
/// `/etc/berth/networks.json` (or the file that BERTH_NETWORKS names), or else what docker's engine is told in
/// its `daemon.json`, under docker's key in both. A family of which neither says anything has its defaults.
struct AddressPools: Equatable, Sendable {
    /// Empty for the defaults.
    var ipv4: [AddressPool.Pieces<IPv4Address>] = []
    var ipv6: [AddressPool.Pieces<IPv6Address>] = []

    static let file: FilePath = "/etc/berth/networks.json"
    static let dockerFile: FilePath = "/etc/docker/daemon.json"
    private static let key = "default-address-pools"
    private static let sizeLimit = 1 << 20

    /// None but the defaults.
    init() {}

    /// As the machine's files say now.
    static func ofMachine(dockerFile: FilePath = dockerFile) throws -> AddressPools {
        let named = getenv("BERTH_NETWORKS").map { String(cString: $0) } ?? ""
        let path = named.isEmpty ? file : FilePath(named)
        let ours = try text(of: path, mustExist: !named.isEmpty)
        if let pools = try ours.flatMap({ try AddressPools($0, path.string, isOurs: true) }) {
            return pools
        }
        let theirs = try text(of: dockerFile, mustExist: false)
        return try theirs.flatMap { try AddressPools($0, dockerFile.string, isOurs: false) }
            ?? AddressPools()
    }

    private static func text(of path: FilePath, mustExist: Bool) throws -> [UInt8]? {
        do throws(SyscallError) {
            return try readRegularFile(path, limit: sizeLimit)
        } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR, !mustExist { return nil }
            throw EngineError(
                .invalid,
                "cannot read where networks get their addresses from",
                because: "\(error)",
                remedy: mustExist ? "BERTH_NETWORKS names that file" : nil
            )
        }
    }

    /// What a file says; nil where it says nothing of pools. In one of ours every key must be known.
    init?(_ bytes: [UInt8], _ path: String, isOurs: Bool) throws {
        func wrong(_ place: String, _ reason: String) -> EngineError {
            EngineError(
                .invalid,
                "\(path): \(place)",
                because: reason,
                remedy: #"such as {"\#(Self.key)": [{"base": "10.32.0.0/12", "size": 24}]}"#
            )
        }
        // A file without content has no settings.
        if bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) { return nil }
        let value: JSONValue
        do throws(JSONValue.Malformed) { value = try JSONValue(parsing: bytes) } catch {
            throw wrong("line \(error.line)", error.reason)
        }
        if isOurs, let other = value.members?.first(where: { $0.name != Self.key }) {
            throw wrong(other.name, "there is no such key")
        }
        guard let found = value[Self.key] else {
            if isOurs, value.members == nil { throw wrong("it", "an object in braces is expected") }
            return nil
        }
        guard let elements = found.elements else {
            throw wrong(Self.key, "a list is expected")
        }
        for (index, element) in elements.enumerated() {
            let place = "\(Self.key)[\(index)]"
            guard let base = element["base"]?.string.flatMap({ IPSubnet($0) }),
                case .number(let text)? = element["size"], let size = UInt8(text)
            else { throw wrong(place, "a subnet under base and a number under size are expected") }
            let sizes: ClosedRange<UInt8>?
            switch base {
            case .v4(let pool): sizes = pool.hasRoom ? pool.prefixLength...30 : nil
            case .v6(let pool): sizes = pool.hasRoom ? pool.prefixLength...126 : nil
            }
            guard sizes?.contains(size) == true else {
                throw wrong(
                    place,
                    "networks of \(size) bits are not in \(base), or have no room for a gateway and a container"
                )
            }
            do throws(AddressError) {
                switch base {
                case .v4(let pool): try AddressPool.checkSubnet(pool, taken: [], hostRoutes: [])
                case .v6(let pool): try AddressPool.checkSubnet(pool, taken: [], hostRoutes: [])
                }
            } catch { throw wrong(place, "\(error)") }
            switch base {
            case .v4(let pool): ipv4.append(AddressPool.Pieces(pool, of: size))
            case .v6(let pool): ipv6.append(AddressPool.Pieces(pool, of: size))
            }
        }
    }
}
