import Addresses
import ContainerNetwork
import ContainerRuntime
import OCI
import Testing

@testable import Engine

@Suite("files about hosts and resolvers")
struct HostFilesTests {
    @Test(
        "a container's own name stands with its domain, then alone",
        arguments: [
            ("h1", nil, "h1"), ("h1.dom", nil, "h1.dom h1"), ("h1", "dom", "h1.dom h1"),
            ("h1.a.b", nil, "h1.a.b h1"),
        ] as [(String, String?, String)]
    )
    func ownName(hostname: String, domain: String?, names: String) throws {
        var spec = ContainerSpec(
            image: Digest.of([]),
            imageName: "x",
            process: ProcessSpec(arguments: ["x"])
        )
        spec.domainName = domain
        let address = try #require(IPv4Address("172.20.0.2"))
        let text = HostFiles.hosts(
            spec,
            hostname: hostname,
            addresses: [.v4(address)],
            gateways: []
        )
        #expect(text.hasSuffix("\n172.20.0.2\t\(names)\n"))
    }

    @Test(
        "patience with name servers is as resolv.conf says",
        arguments: [
            ("", 5, 2), ("options timeout:1 attempts:3", 1, 3), ("options timeout:99", 30, 2),
            ("options attempts:9 ndots:0", 5, 5), ("options timeout:0 attempts:x", 1, 2),
        ]
    )
    func patience(text: String, seconds: Int, attempts: Int) {
        let configuration = ResolverConfiguration(parsing: text)
        #expect(configuration.timeoutSeconds == seconds)
        #expect(configuration.attempts == attempts)
    }
}
