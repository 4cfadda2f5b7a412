import OCI
import Testing

@testable import Builder

@Suite("Changes of an image's configuration")
struct ImageChangesTests {
    private func applied(
        _ changes: [String],
        to configuration: ImageConfiguration = ImageConfiguration()
    ) throws -> ContainerDefaults {
        var configuration = configuration
        try ImageChanges(changes).apply(to: &configuration)
        #expect(configuration.history.isEmpty)
        return configuration.config
    }

    @Test("carries out every instruction that needs no container")
    func every() throws {
        let config = try applied([
            "CMD [\"a\", \"b\"]", "ENTRYPOINT [\"e\"]", "ENV A=1 B=\"two words\"", "ENV C=$A",
            "EXPOSE 80 53/udp", "LABEL x=y", "ONBUILD RUN make", "STOPSIGNAL SIGINT", "USER 7:8",
            "VOLUME /data", "WORKDIR /srv", "WORKDIR sub",
            "HEALTHCHECK --interval=5s CMD [\"ok\"]",
        ])
        #expect(config.command == ["a", "b"])
        #expect(config.entrypoint == ["e"])
        #expect(config.environment == ["A=1", "B=two words", "C=1"])
        #expect(config.exposedPorts == ["80/tcp", "53/udp"])
        #expect(config.labels == ["x": "y"])
        #expect(config.onBuild == ["RUN make"])
        #expect(config.stopSignal == "SIGINT")
        #expect(config.user == "7:8")
        #expect(config.volumes == ["/data"])
        #expect(config.workingDirectory == "/srv/sub")
        #expect(config.healthcheck?.test == ["CMD", "ok"])
    }

    @Test("several instructions may stand in one change, none in an empty one")
    func lines() throws {
        #expect(try applied(["ENV A=1\nENV B=2"]).environment == ["A=1", "B=2"])
        #expect(try applied([]) == ContainerDefaults())
        #expect(try applied(["", " "]) == ContainerDefaults())
    }

    @Test("keeps what the image says otherwise, its PATH too")
    func kept() throws {
        var configuration = ImageConfiguration()
        configuration.config.environment = ["PATH=/own"]
        configuration.config.command = ["old"]
        let config = try applied(["LABEL a=b"], to: configuration)
        #expect(config.environment == ["PATH=/own"])
        #expect(config.command == ["old"])
        // An entry point of one's own makes the old command meaningless.
        #expect(try applied(["ENTRYPOINT x"], to: configuration).command == nil)
    }

    @Test(
        "refuses what is no such change",
        arguments: ["RUN true", "FROM x", "COPY a b", "FOO", "ONBUILD FROM x", "ONBUILD"]
    )
    func refused(_ change: String) {
        #expect(throws: DockerfileError.self) { try ImageChanges([change]) }
    }
}
