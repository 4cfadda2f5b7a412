import Addresses
import ArgumentParser
import Compose
import ContainerRuntime
import DockerViews
import Engine

extension NetworkGroup {
    /// A container on a network.
    struct Connect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "connect",
            abstract: "Connect a container, running or not, to a network.",
            discussion: """
                It stays connected when it is started again, and when `berth up` finds it otherwise as \
                its file says.
                """
        )

        @Option(help: ArgumentHelp("Its IPv4 address there.", valueName: "address"))
        var ip: String?

        @Option(help: ArgumentHelp("Its IPv6 address there.", valueName: "address"))
        var ip6: String?

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("A further name there.", valueName: "name")
        )
        var alias: [String] = []

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("A name for another container.", valueName: "container[:name]"),
            completion: .containers
        )
        var link: [String] = []

        @Option(
            name: .customLong("link-local-ip"),
            parsing: .singleValue,
            help: ArgumentHelp("A link-local address.", valueName: "address")
        )
        var linkLocalIP: [String] = []

        @Option(
            name: .customLong("driver-opt"),
            parsing: .singleValue,
            help: ArgumentHelp(
                "com.docker.network.endpoint.ifname (its link's name) or .sysctls (its parameters).",
                valueName: "key=value"
            )
        )
        var driverOpt: [String] = []

        @Option(
            name: .customLong("gw-priority"),
            help: ArgumentHelp(
                "The highest of a container gives it its way out.",
                valueName: "number"
            )
        )
        var gatewayPriority = 0

        @Argument(help: "The network.", completion: .networks)
        var network: String

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let attachment = try attachment()
            let target = try await NamedContainers.one(container)
            try await target.connect(attachment, to: network)
        }

        /// As the flags say, on a network that has no name yet.
        private func attachment() throws -> NetworkAttachment {
            var attachment = NetworkAttachment(network: "")
            attachment.ipv4Address = try address(ip, .v4)
            attachment.ipv6Address = try address(ip6, .v6)
            attachment.aliases = alias
            try setOptions(of: &attachment)
            if gatewayPriority != 0 { attachment.gatewayPriority = gatewayPriority }
            if !link.isEmpty {
                attachment.links = link.map { text in
                    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
                    return ContainerLink(
                        .container(parts.first ?? text),
                        alias: parts.last ?? text
                    )
                }
            }
            if !linkLocalIP.isEmpty {
                attachment.linkLocalAddresses = try linkLocalIP.map { text in
                    guard let address = IPAddress(text), isLinkLocal(address) else {
                        throw Failure(engine: "invalid link local IP address: \(text)")
                    }
                    return address.description
                }
            }
            return attachment
        }

        private func address(_ text: String?, _ family: IPFamily) throws -> String? {
            guard let text, !text.isEmpty else { return nil }
            guard let address = IPAddress(text), address.family == family else {
                throw Failure(
                    engine: "invalid endpoint settings:\ninvalid \(family.words) address: \(text)"
                )
            }
            return address.description
        }

        private func isLinkLocal(_ address: IPAddress) -> Bool {
            switch address {
            case .v4(let address): IPv4Subnet("169.254.0.0/16")?.contains(address) ?? false
            case .v6(let address): address.isLinkLocal
            }
        }

        private func setOptions(of attachment: inout NetworkAttachment) throws {
            var options = try KeyedValues.pairs(driverOpt, of: "--driver-opt")
            attachment.interfaceName = options.removeValue(forKey: Self.interfaceOption)
            if let text = options.removeValue(forKey: LinkParameters.option) {
                do throws(LinkParameters.Mistake) {
                    attachment.linkParameters = try LinkParameters.read(text)
                } catch {
                    throw Failure(engine: "invalid endpoint settings:\n\(error)")
                }
            }
            guard let other = options.keys.sorted().first else { return }
            throw Failure(
                "--driver-opt \(other) is not supported; \(Self.interfaceOption) and "
                    + "\(LinkParameters.option) are",
                exitCode: 125
            )
        }

        private static let interfaceOption = "com.docker.network.endpoint.ifname"
    }

    /// A container off a network.
    struct Disconnect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disconnect",
            abstract: "Disconnect a container, running or not, from a network.",
            discussion: "`berth up` recreates a container that lacks a network of its file."
        )

        @Flag(name: .shortAndLong, help: "Also where the network's host part cannot be reached.")
        var force = false

        @Argument(help: "The network.", completion: .networks)
        var network: String

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let target: NamedContainers.Target
            do { target = try await NamedContainers.one(container) } catch let failure as Failure
                where failure.isMissing && force
            {
                _ = try await ListedNetwork.matching(network, in: Session.openIfAny())
                throw Failure(engine: "endpoint \(container) not found")
            }
            try await target.disconnect(from: network, force: force)
        }
    }
}

extension NamedContainers.Target {
    /// Gives the container a place on a network that a user named. One that its supervisor cannot give
    /// it is taken back.
    fileprivate func connect(_ asked: NetworkAttachment, to text: String) async throws {
        var attachment = asked
        if case .predefined(.none) = try await ListedNetwork.matching(text, in: session) {
            try await engine.connectToNone(record.id)
            return try await tellSupervisor()
        }
        attachment.network = try await network(text, for: "connect")
        try await engine.connect(record.id, to: attachment)
        do { try await tellSupervisor() } catch {
            // `try?`: the first cause is what the user must hear, and recovery removes links.
            try? await engine.disconnect(record.id, from: attachment.network)
            try? await tellSupervisor()
            throw error
        }
    }

    /// Takes it away again.
    fileprivate func disconnect(from text: String, force: Bool) async throws {
        if case .predefined(.none) = try await ListedNetwork.matching(text, in: session) {
            try await engine.disconnectFromNone(record.id)
            return try await tellSupervisor()
        }
        let name = try await network(text, for: "disconnect")
        try await engine.disconnect(record.id, from: name)
        do { try await tellSupervisor() } catch {
            // What is left in the kernel is removed by the next command that looks for it.
            guard force else { throw error }
        }
    }

    /// Its whole name.
    private func network(_ text: String, for verb: String) async throws -> String {
        switch try await ListedNetwork.matching(text, in: session) {
        case .own(let record): return record.name
        case .predefined(.bridge):
            return verb == "connect" ? try await engine.defaultNetwork().name : "bridge"
        case .predefined(.host):
            throw Failure(
                engine: verb == "connect"
                    ? "cannot connect container to host network - container must be created in host "
                        + "network mode"
                    : "cannot disconnect container from host network - container was created in host "
                        + "network mode"
            )
        // Handled before.
        case .predefined(.none): return "none"
        }
    }
}
