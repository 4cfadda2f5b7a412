import ArgumentParser
import DockerViews
import Engine

extension NetworkGroup {
    /// A network of the user's own.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a network.",
            discussion: "Compose files use it as `external: true`."
        )

        @Flag(help: "Shown by inspect: any container may be connected to any network.")
        var attachable = false

        @Option(name: .shortAndLong, help: "bridge.", completion: .list(["bridge"]))
        var driver = "bridge"

        @Flag(help: "Nothing leaves it, and no port is published.")
        var `internal` = false

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Of its labels.", valueName: "key=value")
        )
        var label: [String] = []

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp("Of its driver, by docker's names.", valueName: "key=value")
        )
        var opt: [String] = []

        @OptionGroup var addresses: AddressPoolFlags
        @OptionGroup var refused: RefusedNetworkFlags

        @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
        var network: String

        func run() async throws {
            try refused.check()
            if ListedNetwork.Predefined(rawValue: network) != nil || network == "default" {
                throw Failure(
                    engine: "operation is not permitted on predefined \(network) network"
                )
            }
            guard !["host", "null", "none"].contains(driver) else {
                throw Failure(engine: "only one instance of \"\(driver)\" network is allowed")
            }
            var request = NetworkRequest(name: network)
            request.driver = driver
            request.isInternal = `internal`
            request.isAttachable = attachable
            request.enablesIPv4 = addresses.ipv4
            request.enablesIPv6 = addresses.ipv6
            request.pools = try addresses.pools()
            request.driverOptions = try KeyedValues.pairs(opt, of: "-o, --opt")
            request.labels = try KeyedValues.labels(label)
            let session = try Session.open()
            guard try await session.engine.network(named: network) == nil else {
                throw Failure(engine: "network with name \(network) already exists")
            }
            try await session.recover()
            Terminal.line(try await session.engine.createNetwork(request).id.text)
        }
    }
}

/// What docker's networks have and berth's have not: refused by name, with the reason.
struct RefusedNetworkFlags: ParsableArguments {
    @Option(name: .customLong("config-from"), help: .hidden) var configFrom: String?
    @Flag(name: .customLong("config-only"), help: .hidden) var configOnly = false
    @Flag(help: .hidden) var ingress = false
    @Option(name: .customLong("ipam-driver"), help: .hidden) var ipamDriver = "default"
    @Option(name: .customLong("ipam-opt"), parsing: .singleValue, help: .hidden)
    var ipamOpt: [String] = []
    @Option(help: .hidden) var scope = "local"

    func check() throws {
        if scope == "swarm" {
            throw Failure(
                engine: "cannot create a swarm scoped network when swarm is not active"
            )
        }
        if ingress {
            throw Failure(engine: "Ingress network can only be global scope network")
        }
        let swarms =
            "a network of settings alone is for nodes of a swarm; give the settings to the network itself"
        let reasons: [(isAsked: Bool, flag: String, reason: String)] = [
            (configFrom != nil, "--config-from", swarms), (configOnly, "--config-only", swarms),
            (
                ipamDriver != "default", "--ipam-driver \(ipamDriver)",
                "the only driver of addresses is default"
            ), (!ipamOpt.isEmpty, "--ipam-opt", "the driver of addresses has no options"),
        ]
        if let asked = reasons.first(where: \.isAsked) {
            throw Failure("\(asked.flag): \(asked.reason)")
        }
    }
}
