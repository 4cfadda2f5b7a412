import TestSupport
import Testing

@testable import Compose

@Suite("Health checks from outside")
struct OutsideProbeTests {
    @Test(
        "an address is taken apart",
        arguments: [
            (
                "http://localhost:8080/a?b=c",
                OutsideProbe.http(host: "127.0.0.1", port: 8080, path: "/a?b=c")
            ),
            ("HTTP://localhost", .http(host: "127.0.0.1", port: 80, path: "/")),
            ("http://:9000", .http(host: "127.0.0.1", port: 9000, path: "/")),
            ("http://10.0.0.1?x", .http(host: "10.0.0.1", port: 80, path: "/?x")),
            ("http://[::1]:81/", .http(host: "::1", port: 81, path: "/")),
            ("http://[fd00::1]/", .http(host: "fd00::1", port: 80, path: "/")),
            ("https://localhost/", nil), ("http://web:80/", nil), ("localhost:80", nil),
            ("http://localhost:0/", nil), ("http://localhost:65536/", nil),
            ("http://::1/", nil), ("http://[10.0.0.1]/", nil), ("http://localhost/a b", nil),
            ("http://localhost/a\r\nX: y", nil), ("http://localhost/#a", nil),
            ("http://u@localhost/", nil),
        ]
    )
    func http(text: String, probe: OutsideProbe?) { #expect(OutsideProbe(http: text) == probe) }

    @Test(
        "a port, or an address with one",
        arguments: [
            ("5432", OutsideProbe.tcp(host: "127.0.0.1", port: 5432)),
            ("localhost:1", .tcp(host: "127.0.0.1", port: 1)),
            ("[::1]:1", .tcp(host: "::1", port: 1)),
            ("10.0.0.1:1", .tcp(host: "10.0.0.1", port: 1)),
            ("0", nil), ("65536", nil), ("10.0.0.1", nil), ("db:5432", nil), ("-1", nil),
        ]
    )
    func tcp(text: String, probe: OutsideProbe?) { #expect(OutsideProbe(tcp: text) == probe) }

    @Test(
        "what nothing could be asked of is a problem where it stands",
        arguments: [
            (
                "x-berth: {healthcheck: {http: https://localhost}}",
                "services.web.x-berth.healthcheck.http: a health check from outside speaks no TLS"
            ),
            (
                "x-berth: {healthcheck: {http: web}}",
                "x-berth.healthcheck.http: \"web\" is not an address to ask"
            ),
            (
                "x-berth: {healthcheck: {tcp: 0}}",
                "x-berth.healthcheck.tcp: \"0\" is not a port to connect to"
            ),
            (
                "x-berth: {healthcheck: {log: '('}}",
                "x-berth.healthcheck.log: \"(\" is not a regular expression"
            ),
            (
                "x-berth: {healthcheck: {interval: 1s}}",
                "x-berth.healthcheck: says nothing that could be asked"
            ),
            (
                "x-berth: {healthcheck: {tcp: 80, log: a}}",
                "x-berth.healthcheck.log: tcp and log exclude each other"
            ),
            (
                "healthcheck: {test: x}, x-berth: {healthcheck: {tcp: 80}}",
                "x-berth.healthcheck: healthcheck and x-berth.healthcheck exclude each other"
            ),
            (
                "logging: {driver: none}, x-berth: {healthcheck: {log: a}}",
                "x-berth.healthcheck.log: looks at a log that is not kept"
            ),
            (
                "x-berth: {healthcheck: {tcp: 80, interval: 1ns}}",
                "x-berth.healthcheck.interval: cannot be less"
            ),
            ("x-berth: {on_unhealthy: kill}", "x-berth.on_unhealthy: "),
            ("x-berth: {healthchek: {}}", "x-berth: unknown key \"healthchek\""),
            ("x-berth: {healthcheck: {tcp: 80}, on_unhealthy: restart}", nil),
            ("x-berth: {on_unhealthy: stop}", nil),
        ]
    )
    func problem(lines: String, words: String?) {
        let text = "services: {web: {image: x, \(lines)}}"
        // It is berth's own: `config` says of it what `up` would.
        for purpose in [LoadOptions.Purpose.run, .config] {
            let found = problems(text, options: .test(purpose))
            guard let words else {
                #expect(found == "")
                continue
            }
            #expect(found.contains(words), "\(purpose): \(found)")
            #expect(found.hasPrefix("compose.yaml:1:"), "\(found)")
        }
    }
}
