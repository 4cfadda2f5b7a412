import Addresses
import Compose
import ContainerRuntime
import Foundation
import KernelNames
import OCI
import OrderedCollections
import TestSupport
import Testing

@testable import Reconciler

@Suite("ContainerSpec of a service")
struct ContainerSpecTests {
    private func spec(
        image: ServiceImage = Fixture.image,
        _ change: (inout Service) -> Void = { _ in }
    ) throws -> ContainerSpec {
        let service = Fixture.service("web", change)
        return try ContainerSpec(
            of: service,
            in: Fixture.project(service),
            image: image
        )
    }

    @Test(
        "entrypoint and command replace the image's as Docker has it",
        arguments: [
            (nil, nil, ["/entry", "serve"]),
            (nil, ["other"], ["/entry", "other"]),
            (nil, [], ["/entry", "serve"]),
            (["/mine"], nil, ["/mine"]),
            (["/mine"], [], ["/mine"]),
            (["/mine"], ["x"], ["/mine", "x"]),
            ([], nil, ["serve"]),
            ([], [], ["serve"]),
            ([], ["x"], ["x"]),
        ] as [([String]?, [String]?, [String])]
    )
    func arguments(entrypoint: [String]?, command: [String]?, expected: [String]) throws {
        let spec = try spec {
            $0.entrypoint = entrypoint
            $0.command = command
        }
        #expect(spec.process.arguments == expected)
    }

    @Test("logs rotate as the file says, and without a word never, as Docker's")
    func logRotation() throws {
        #expect(try spec().log == LogSpec())
        #expect(LogSpec().maximumFileBytes == nil)
        #expect(LogSpec().maximumFiles == 1)
        let own = try spec {
            var logging = LoggingDeclaration()
            logging.options = ["max-size": "100k", "max-file": "2"]
            $0.logging = logging
        }
        #expect(own.log.maximumFileBytes == 100_000)
        #expect(own.log.maximumFiles == 2)
    }

    @Test("a log driver has Docker's defaults; one that keeps nothing has no files")
    func logDrivers() throws {
        func log(_ driver: String, _ options: OrderedDictionary<String, String> = [:]) throws
            -> LogSpec
        {
            try spec {
                var logging = LoggingDeclaration()
                logging.driver = driver
                logging.options = options
                $0.logging = logging
            }.log
        }
        #expect(try log("json-file") == LogSpec())
        #expect(try log("") == LogSpec())
        let local = try log("local")
        #expect(local.driver == .local)
        #expect(local.maximumFileBytes == 20_000_000)
        #expect(local.maximumFiles == 5)
        #expect(try log("local", ["max-file": "2"]).maximumFiles == 2)
        #expect(try log("none", ["max-size": "1m"]).driver == LogSpec.Driver.none)
        #expect(try log("none", ["max-size": "1m"]).maximumFileBytes == nil)
    }

    @Test("a service without anything to run is refused")
    func nothingToRun() {
        var image = Fixture.image
        image.defaults.command = nil
        #expect(throws: ReconcilerError.self) { try spec(image: image) { $0.entrypoint = [] } }
    }

    @Test("the service's variables replace and remove the image's, in place")
    func environment() throws {
        let spec = try spec { $0.environment = ["NEW": "1", "LANG": "de", "PATH": nil] }
        #expect(spec.process.environment == ["LANG=de", "NEW=1"])
        let plain = try self.spec()
        #expect(plain.process.environment == ["PATH=/bin", "LANG=C"])
    }

    @Test("an image without a PATH gets the usual one")
    func path() throws {
        var image = Fixture.image
        image.defaults.environment = []
        let spec = try spec(image: image)
        #expect(
            spec.process.environment
                == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        )
    }

    @Test(
        "the working directory is the service's, beneath the image's when relative",
        arguments: [(nil, "/srv/app"), ("/x/../y/", "/y"), ("sub", "/srv/app/sub")]
            as [(String?, String)]
    )
    func workingDirectory(own: String?, expected: String) throws {
        var image = Fixture.image
        image.defaults.workingDirectory = "/srv/app"
        #expect(
            try spec(image: image) { $0.workingDirectory = own }.process.workingDirectory
                == expected
        )
    }

    @Test("volumes of the image become anonymous ones where the service mounts nothing")
    func imageVolumes() throws {
        var image = Fixture.image
        image.defaults.volumes = ["/var/lib/data/", "/cache"]
        let spec = try spec(image: image) {
            $0.volumes = [
                VolumeMount(source: .bind(path: "/host", createHostPath: true), target: "/cache")
            ]
            $0.tmpfs = [
                VolumeMount(
                    source: .tmpfs(sizeBytes: 64 << 20, mode: 0o1777),
                    target: "/run",
                    readOnly: true
                )
            ]
        }
        var run = MountSpec(
            source: .tmpfs(sizeBytes: 64 << 20, mode: 0o1777),
            target: "/run",
            readOnly: true
        )
        run.propagation = .private
        #expect(
            spec.mounts == [
                MountSpec(source: .bind(path: "/host", create: true), target: "/cache"), run,
                MountSpec(
                    source: .anonymousVolume(copiesImageContent: true),
                    target: "/var/lib/data"
                ),
            ]
        )
    }

    @Test(
        "a terminal and open input become streams, and neither is no change",
        arguments: [
            (false, false, nil), (true, false, .terminal(input: .none)),
            (false, true, .pipes(input: .open)), (true, true, .terminal(input: .open)),
        ] as [(Bool, Bool, Streams?)]
    )
    func streams(tty: Bool, stdinOpen: Bool, streams: Streams?) throws {
        let spec = try spec {
            $0.tty = tty
            $0.stdinOpen = stdinOpen
        }
        #expect(spec.streams == streams)
    }

    @Test(
        "the healthcheck merges service over image over defaults",
        arguments: [
            (nil, ["CMD", "a"], ["a"]),
            (nil, ["CMD-SHELL", "a b"], ["/bin/sh", "-c", "a b"]),
            (nil, ["NONE"], nil),
            (nil, nil, nil),
            (HealthcheckDeclaration.Test.none, ["CMD", "a"], nil),
            (.exec(["b"]), ["CMD", "a"], ["b"]),
            (.shell("c"), nil, ["/bin/sh", "-c", "c"]),
        ] as [(HealthcheckDeclaration.Test?, [String]?, [String]?)]
    )
    func healthcheck(
        test: HealthcheckDeclaration.Test?,
        ofImage: [String]?,
        expected: [String]?
    ) throws {
        var image = Fixture.image
        if let ofImage {
            var check = ContainerDefaults.Healthcheck(test: ofImage)
            check.intervalNanoseconds = 2_000_000_000
            check.retries = 0
            image.defaults.healthcheck = check
        }
        let spec = try spec(image: image) {
            var check = HealthcheckDeclaration()
            check.test = test
            check.timeout = .seconds(7)
            $0.healthcheck = check
        }
        #expect(spec.healthcheck?.command == expected)
        guard expected != nil else { return }
        #expect(spec.healthcheck?.timeout == .seconds(7))
        #expect(spec.healthcheck?.interval == (ofImage == nil ? .seconds(30) : .seconds(2)))
        #expect(spec.healthcheck?.retries == 3)
    }

    @Test(
        "an image cannot have probes closer together than 100 ms, a file can",
        arguments: [
            (1, nil, 100), (99_999_999, nil, 100), (100_000_000, nil, 100),
            (2_000_000_000, nil, 2000), (1, 5, 5), (-1, nil, 30_000), (0, nil, 30_000),
        ] as [(Int64, Int?, Int)]
    )
    func probeInterval(ofImage: Int64, ofFile: Int?, expected: Int) throws {
        var image = Fixture.image
        var check = ContainerDefaults.Healthcheck(test: ["CMD", "a"])
        check.intervalNanoseconds = ofImage
        check.startIntervalNanoseconds = ofImage
        image.defaults.healthcheck = check
        let spec = try spec(image: image) {
            guard let ofFile else { return }
            var check = HealthcheckDeclaration()
            check.interval = .milliseconds(ofFile)
            check.startInterval = .milliseconds(ofFile)
            $0.healthcheck = check
        }
        #expect(spec.healthcheck?.interval == .milliseconds(expected))
        if ofImage > 0 { #expect(spec.healthcheck?.startInterval == .milliseconds(expected)) }
    }

    @Test(
        "a published range stays one to choose from, none is a free port",
        arguments: [
            (nil, nil, nil), (PortRange(8080, 8080), 8080, nil),
            (PortRange(8000, 8002), nil, PortRange(8000, 8002)),
        ] as [(PortRange?, UInt16?, PortRange?)]
    )
    func ports(published: PortRange?, port: UInt16?, range: PortRange?) throws {
        let spec = try spec {
            var port = PortDeclaration(target: 80)
            port.published = published
            $0.ports = [port]
        }
        var expected = PortBinding(hostPort: port, containerPort: 80)
        expected.hostRange = range
        #expect(spec.ports == [expected])
    }

    @Test("the ports that the image and the service name are exposed, each once and in order")
    func exposed() throws {
        var image = Fixture.image
        image.defaults.exposedPorts = ["9000/tcp", "53/UDP", "junk", "0/tcp", "5-4", "1/quic"]
        let spec = try spec(image: image) { $0.expose = ["9000", "8001-8003", "53", "1-2-3", ""] }
        #expect(
            spec.exposed == [
                ExposedPorts(PortRange(53, 53)), ExposedPorts(PortRange(53, 53), .udp),
                ExposedPorts(PortRange(8001, 8003)), ExposedPorts(PortRange(9000, 9000)),
            ]
        )
    }

    @Test("capabilities are those of the rule for what is added and dropped")
    func capabilities() throws {
        let spec = try spec {
            $0.security.capAdd = [.all]
            $0.security.capDrop = [.one("CAP_SYS_ADMIN")]
        }
        #expect(
            spec.security.capabilities
                == Capability.granted(adding: [.all], dropping: [.one("CAP_SYS_ADMIN")])
        )
    }

    @Test(
        "the stop signal is the service's, else the image's",
        arguments: [(nil, nil, 15), (nil, "SIGQUIT", 3), ("INT", "SIGQUIT", 2)]
            as [(String?, String?, Int32)]
    )
    func stopSignal(own: String?, ofImage: String?, expected: Int32) throws {
        var image = Fixture.image
        image.defaults.stopSignal = ofImage
        let spec = try spec(image: image) { $0.stopSignal = own.flatMap { Signal($0) } }
        #expect(spec.stop.signal == expected)
    }

    @Test("an image with an unknown stop signal is refused by its name")
    func signalOfImage() {
        var image = Fixture.image
        image.defaults.stopSignal = "SIGNOPE"
        let error = #expect(throws: ReconcilerError.self) { try spec(image: image) }
        #expect(error?.description.contains("image \(image.reference) has the unknown") == true)
    }

    @Test("the network with the highest priority comes first, then by key")
    func networks() throws {
        let service = Fixture.service("web") {
            var back = ServiceNetwork()
            back.aliases = ["api", "web"]
            var front = ServiceNetwork()
            front.priority = 10
            front.ipv4Address = IPv4Address("172.30.0.9")
            $0.networks = ["back": back, "default": ServiceNetwork(), "front": front]
        }
        let project = Fixture.project(service).with {
            $0.networks["back"] = NetworkDeclaration(name: "shop_back")
            $0.networks["front"] = NetworkDeclaration(name: "edge")
        }
        let spec = try ContainerSpec(of: service, in: project, image: Fixture.image)
        guard case .attached(let attachments) = spec.network else {
            Issue.record("not attached")
            return
        }
        #expect(attachments.map(\.network) == ["edge", "shop_back", "shop_default"])
        #expect(attachments[0].ipv4Address == "172.30.0.9")
        #expect(attachments[1].aliases == ["web", "api"])
    }

    @Test(
        "what the project does not declare is refused, and what nothing publishes",
        arguments: [
            { @Sendable in $0.networks = ["nowhere": ServiceNetwork()] },
            { @Sendable in
                $0.volumes = [
                    VolumeMount(source: .volume(key: "nothing", nocopy: false), target: "/x")
                ]
            },
            { @Sendable in
                var port = PortDeclaration(target: 80)
                port.transport = .sctp
                $0.ports = [port]
            },
        ] as [@Sendable (inout Service) -> Void]
    )
    func refusals(change: @Sendable (inout Service) -> Void) {
        #expect(throws: ReconcilerError.self) { try spec(change) }
    }

    @Test(
        "restart policies",
        arguments: [
            (nil, RestartPolicy.no), ("no", .no), ("always", .always),
            ("unless-stopped", .unlessStopped), ("on-failure", .onFailure(maximumRetries: nil)),
            ("on-failure:5", .onFailure(maximumRetries: 5)),
            ("on-failure:0", .onFailure(maximumRetries: nil)),
        ] as [(String?, RestartPolicy)]
    )
    func restart(text: String?, policy: RestartPolicy) throws {
        let spec = try spec { $0.restart = text.flatMap { RestartDeclaration($0) } }
        #expect(spec.restart == policy)
    }

    @Test("the canonical JSON of a spec does not change by itself: it would recreate everything")
    func golden() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        var image = Fixture.image
        image.defaults.volumes = ["/data"]
        image.defaults.labels = ["from": "image"]
        var spec = try spec(image: image) {
            var port = PortDeclaration(target: 80)
            port.published = PortRange(8080, 8080)
            port.hostAddress = IPAddress("127.0.0.1")
            $0.ports = [port]
            $0.environment = ["COLOR": "red"]
            $0.labels = ["own": "1"]
            $0.stopGracePeriod = .milliseconds(1500)
            $0.restart = .onFailure(maximumRetries: 3)
            var check = HealthcheckDeclaration()
            check.test = .shell("true")
            $0.healthcheck = check
        }
        // What is only shown is no part of what containers are compared by.
        #expect(spec.asked?.environment == ["COLOR"])
        spec.asked = nil
        try expectGolden(
            String(decoding: try encoder.encode(spec), as: UTF8.self) + "\n",
            "spec.json"
        )
    }
}
