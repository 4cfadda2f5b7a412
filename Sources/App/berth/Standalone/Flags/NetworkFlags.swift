import ArgumentParser

/// What a container reaches, and by what it is reached.
struct NetworkFlags: ServiceFlags {
    @Option(
        name: [.customLong("network"), .customLong("net")],
        parsing: .singleValue,
        help: ArgumentHelp(
            "A network, bridge, host, none, container:NAME, or name=NET,alias=A,ip=ADDRESS.",
            valueName: "network"
        ),
        completion: .networks
    )
    var network: [String] = []

    @Option(
        name: [.customLong("network-alias"), .customLong("net-alias")],
        parsing: .singleValue,
        help: ArgumentHelp("A further name on its network.", valueName: "name")
    )
    var alias: [String] = []

    @Option(help: ArgumentHelp("Its address on its network.", valueName: "address"))
    var ip: String?

    @Option(help: .hidden)
    var ip6: String?

    @Option(
        name: .customLong("link-local-ip"),
        parsing: .singleValue,
        help: ArgumentHelp("A link-local address.", valueName: "address")
    )
    var linkLocalIP: [String] = []

    @Option(
        name: .customLong("mac-address"),
        help: ArgumentHelp("The address of its link.", valueName: "address")
    )
    var macAddress: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A name for another container.", valueName: "container[:name]"),
        completion: .containers
    )
    var link: [String] = []

    @Option(
        name: .customLong("add-host"),
        parsing: .singleValue,
        help: ArgumentHelp("A line of /etc/hosts.", valueName: "name:address")
    )
    var addHost: [String] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("A name server.", valueName: "address"))
    var dns: [String] = []

    @Option(
        name: [.customLong("dns-option"), .customLong("dns-opt")],
        parsing: .singleValue,
        help: ArgumentHelp("An option of resolv.conf.", valueName: "option")
    )
    var dnsOption: [String] = []

    @Option(
        name: .customLong("dns-search"),
        parsing: .singleValue,
        help: ArgumentHelp("A domain that short names are looked up in.", valueName: "domain")
    )
    var dnsSearch: [String] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("Name a port.", valueName: "port"))
    var expose: [String] = []

    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Publish a port.", valueName: "[[address:]port:]port")
    )
    var publish: [String] = []

    @Flag(
        name: [.customShort("P"), .customLong("publish-all")],
        help: "Publish every port that it or its image names, at free ports."
    )
    var publishesAll = false

    /// Where it is connected to.
    func places() throws -> [NetworkFlag] {
        let places = try network.map { try NetworkFlag($0) }
        return places.isEmpty ? [try NetworkFlag("bridge")] : places
    }

    func write(to service: inout FlaggedService) throws {
        try writePlaces(to: &service)
        service.set("external_links", link, by: "--link")
        service.set("extra_hosts", addHost, by: "--add-host")
        service.set("dns", dns, by: "--dns")
        service.set("dns_opt", dnsOption, by: "--dns-option")
        service.set("dns_search", dnsSearch, by: "--dns-search")
        service.set("expose", expose, by: "--expose")
        service.set("ports", publish, by: "-p, --publish")
    }

    private func writePlaces(to service: inout FlaggedService) throws {
        let places = try places()
        if let mode = places.first(where: \.isMode) {
            guard places.count == 1 else {
                throw Failure(
                    "conflicting options: cannot attach both user-defined and non-user-defined "
                        + "network-modes",
                    exitCode: 125
                )
            }
            try checkMode(mode.name)
            return service.set("network_mode", .text(mode.name), by: "--network")
        }
        var networks: [String: FlaggedService.Value] = [:]
        for (index, place) in places.enumerated() {
            guard networks[place.name] == nil else {
                throw Failure(
                    "network \"\(place.name)\" is specified multiple times",
                    exitCode: 125
                )
            }
            networks[place.name] = try index == 0 ? first(place, &service) : .map(place.attributes)
            try Self.checkName(place.name)
            service.note("networks.\(place.name)", place.text, by: "--network")
        }
        service.set("networks", .map(networks), by: "--network")
    }

    /// What can be no network's name is not there; a word that the files of projects have no place for
    /// would be refused as their keys are.
    private static func checkName(_ name: String) throws {
        let isWord = name.unicodeScalars.allSatisfy { character in
            character.isASCII
                && (character.properties.isAlphabetic
                    || "0123456789._-".unicodeScalars.contains(character))
        }
        guard !isWord else { return }
        throw Failure(
            engine: "failed to set up container networking: network \(name) not found"
        )
    }

    /// The first network with what flags of their own say of it.
    private func first(
        _ place: NetworkFlag,
        _ service: inout FlaggedService
    ) throws -> FlaggedService.Value {
        var attributes = place.attributes
        func add(_ key: String, _ value: FlaggedService.Value?, _ text: String?, _ flag: String)
            throws
        {
            guard let value else { return }
            guard attributes[key] == nil else {
                throw Failure(
                    "conflicting options: cannot specify both \(flag) and per-network "
                        + "\(flag.drop { $0 == "-" })",
                    exitCode: 125
                )
            }
            attributes[key] = value
            service.note("networks.\(place.name).\(key)", text, by: flag)
        }
        try add("aliases", alias.isEmpty ? nil : .texts(alias), nil, "--network-alias")
        try add("ipv4_address", ip.map { .text($0) }, ip, "--ip")
        try add("ipv6_address", ip6.map { .text($0) }, ip6, "--ip6")
        try add("mac_address", macAddress.map { .text($0) }, macAddress, "--mac-address")
        let locals = linkLocalIP.isEmpty ? nil : FlaggedService.Value.texts(linkLocalIP)
        try add("link_local_ips", locals, nil, "--link-local-ip")
        if place.isDefault {
            if attributes["ipv4_address"] != nil || attributes["ipv6_address"] != nil {
                throw Failure(
                    engine: "invalid config for network bridge: invalid endpoint settings:\n"
                        + "user specified IP address is supported on user defined networks only"
                )
            }
            if attributes["aliases"] != nil {
                throw Failure(
                    engine: "invalid config for network bridge: invalid endpoint settings:\n"
                        + "network-scoped aliases are only supported for user-defined networks"
                )
            }
        }
        return .map(attributes)
    }

    /// What the host's network, another's, or none, has no place for.
    private func checkMode(_ mode: String) throws {
        guard alias.isEmpty else {
            throw Failure(
                "network-scoped aliases are only supported for user-defined networks",
                exitCode: 125
            )
        }
        if mode == "host", !link.isEmpty {
            throw Failure(
                engine: "conflicting options: host type networking can't be used with links. This "
                    + "would result in undefined behavior"
            )
        }
        guard mode.hasPrefix("container:") else { return }
        guard mode != "container:" else {
            throw Failure(
                engine: "invalid network mode: invalid container format container:<name|id>"
            )
        }
        for (isGiven, what) in [
            (!publish.isEmpty || publishesAll, "port publishing"),
            (!expose.isEmpty, "port exposing"),
            (!addHost.isEmpty, "custom host-to-IP mapping"), (!dns.isEmpty, "dns"),
            (!link.isEmpty, "links"), (macAddress != nil, "mac-address"),
        ] where isGiven {
            throw Failure(
                engine: "conflicting options: \(what) and the container type network mode"
            )
        }
    }
}

/// One `--network`.
struct NetworkFlag {
    let text: String
    /// Its name, or the mode.
    private(set) var name: String
    /// As an element of a service's `networks`.
    private(set) var attributes: [String: FlaggedService.Value] = [:]

    var isDefault: Bool { name == "bridge" }
    /// It is no network, but the host's, another's or none.
    var isMode: Bool { ["host", "none"].contains(name) || name.hasPrefix("container:") }

    init(_ text: String) throws {
        self.text = text
        name = text == "default" || text.isEmpty ? "bridge" : text
        guard text.contains("="), !text.hasPrefix("container:") else { return }
        name = ""
        var aliases: [String] = []
        var locals: [String] = []
        var options: [String: FlaggedService.Value] = [:]
        for field in Self.fields(of: text) {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            guard pair.count == 2 else { throw Self.wrong(text, "invalid field \(field)") }
            switch pair[0].lowercased() {
            case "name": name = pair[1]
            case "alias": aliases.append(pair[1])
            case "ip": attributes["ipv4_address"] = .text(pair[1])
            case "ip6": attributes["ipv6_address"] = .text(pair[1])
            case "mac-address": attributes["mac_address"] = .text(pair[1])
            case "link-local-ip": locals.append(pair[1])
            case "gw-priority": attributes["gw_priority"] = .text(pair[1])
            case "driver-opt":
                options.merge(NetworkFlags.pairs([pair[1]])) { $1 }
            default: throw Self.wrong(text, "invalid field key \(pair[0])")
            }
        }
        guard !name.isEmpty else { throw Self.wrong(text, "network name/id is not specified") }
        if !aliases.isEmpty { attributes["aliases"] = .texts(aliases) }
        if !locals.isEmpty { attributes["link_local_ips"] = .texts(locals) }
        if !options.isEmpty { attributes["driver_opts"] = .map(options) }
    }

    /// Between commas; one in quotation marks may have commas, and two marks for one.
    private static func fields(of text: String) -> [String] {
        var (fields, field, isQuoted) = ([String](), "", false)
        var former: Character?
        for character in text {
            switch character {
            case "\"" where field.isEmpty && !isQuoted && former != "\"": isQuoted = true
            case "\"" where isQuoted: isQuoted = false
            case "\"" where former == "\"":
                field.append(character)
                isQuoted = true
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            default: field.append(character)
            }
            former = character
        }
        return fields + [field]
    }

    private static func wrong(_ text: String, _ reason: String) -> Failure {
        NetworkFlags.mistake(text, of: "--network", reason)
    }
}
