import Linux

/// A file system of the network, as mount(2) wants it: its server by address, which mount(8) has helpers
/// for that look it up.
struct RemoteVolume {
    let type: String
    let device: String
    let options: [String]

    /// The options with `addr` as an address. That of NFS may be left out where the device has it; that
    /// of SMB is the device's.
    /// - Throws: an `EngineError` when the name of a server cannot be found.
    func resolved(for attempt: String) throws -> [String] {
        guard let (host, others) = server else { return options }
        guard let address = HostAddresses.of(host).first else {
            throw EngineError(
                .failed,
                attempt,
                because:
                    "error resolving passed in network volume address: lookup \(host): no such host",
                remedy: "correct the name, or write the address as `addr`"
            )
        }
        return others + ["addr=\(address)"]
    }

    /// Where the server is, and the options without that.
    private var server: (host: String, others: [String])? {
        let isAddress = { (option: String) in option.hasPrefix("addr=") }
        let others = options.filter { !isAddress($0) }
        let written = options.last(where: isAddress).map { String($0.dropFirst("addr=".count)) }
        if let written, !written.isEmpty { return (written, others) }
        var host = ""
        switch type {
        case "nfs", "nfs4": host = device.split(separator: ":/").first.map(String.init) ?? ""
        case "cifs", "smb3":
            guard device.hasPrefix("//") else { return nil }
            host = String(device.dropFirst(2).prefix { $0 != "/" })
        default: return nil
        }
        if type.hasPrefix("nfs"), device.hasPrefix(":") { host = "" }
        // An address of IPv6 stands in brackets.
        host = host.filter { !"[]".contains($0) }
        return host.isEmpty ? nil : (host, others)
    }

    /// An option as it may be shown.
    static func masked(_ option: String) -> String {
        for key in ["password=", "pass=", "password2="] where option.hasPrefix(key) {
            return key + "********"
        }
        return option
    }
}
