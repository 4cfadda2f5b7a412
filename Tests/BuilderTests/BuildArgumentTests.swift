import ContainerRuntime
import OCI
import Testing
import TestSupport

@testable import Builder

@Suite("Arguments of a build", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct BuildArgumentTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("arguments come from the command line, defaults and above the first FROM")
    func arguments() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            """
            ARG BASE=scratch
            ARG VERSION=1
            FROM $BASE AS base
            ARG VERSION
            ARG EXTRA=$VERSION.0
            ARG TARGETARCH
            ARG UNSET
            LABEL version=$VERSION extra=$EXTRA arch=${TARGETARCH:+set} unset=${UNSET-yes}
            FROM base
            LABEL inherited=$EXTRA
            """
        ) { $0.arguments = ["VERSION": "7", "UNUSED": "x"] }
        #expect(
            image.config.labels == [
                "version": "7", "extra": "7.0", "arch": "set", "unset": "yes", "inherited": "7.0",
            ]
        )
        #expect(
            image.events.contains(.warning("one or more build arguments were not used: UNUSED"))
        )
    }

    @Test("of an ARG and an ENV of one name the later counts; a bare ARG changes nothing")
    func laterArgument() async throws {
        let image = try await bench.build(
            """
            FROM scratch
            ENV A=env B=env C=env
            ARG A=late
            ARG B
            ARG C=late
            LABEL a=$A b=$B c=$C
            ENV C=again
            LABEL d=$C
            """
        ) { $0.arguments = ["A": "9"] }
        #expect(image.config.labels == ["a": "9", "b": "env", "c": "late", "d": "again"])
        #expect(image.config.environment.contains("A=env"))
        #expect(image.config.workingDirectory == "/")
    }
}
