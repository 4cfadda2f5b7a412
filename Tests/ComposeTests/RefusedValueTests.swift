import TestSupport
import Testing

@testable import Compose

@Suite("Refused values")
struct RefusedValueTests {
    @Test(
        "values that nothing could be made of are refused where they stand, and only to run",
        arguments: [
            ("volumes: [\"/srv:/\"]", "volumes[0]: nothing can be mounted at \"/\""),
            ("volumes: [\"/srv:/proc\"]", "volumes[0]: nothing can be mounted at \"/proc\""),
            (
                "volumes: [\"vv:/proc/sys/x\"]",
                "volumes[0]: nothing can be mounted at \"/proc/sys/x\""
            ),
            ("volumes: [\"vv:/process\"]", nil),
            ("user: \"-1\"", "user: -1 is not the number of a user or group"),
            ("user: \"0:-7\"", "user: -7 is not the number of a user or group"),
            ("user: \"2147483648\"", "user: 2147483648 is not the number of a user or group"),
            ("user: \"2147483647:x-1\"", nil),
            (
                "healthcheck: {test: [CMD, x], interval: 1ns}",
                "healthcheck.interval: cannot be less"
            ),
            (
                "healthcheck: {test: [CMD, x], timeout: 999us}",
                "healthcheck.timeout: cannot be less"
            ),
            ("healthcheck: {test: [CMD, x], interval: 1ms, timeout: 0s}", nil),
            ("stop_grace_period: 1ns", nil),
            ("container_name: localhost.", "container_name: \"localhost.\" cannot be"),
        ] as [(String, String?)]
    )
    func services(attribute: String, message: String?) throws {
        let text = "services:\n  web:\n    image: x\n    \(attribute)\nvolumes: {vv: {}}\n"
        let found = problems(text, options: .test(.run))
        if let message {
            #expect(found.hasPrefix("compose.yaml:4:"), "\(found)")
            #expect(found.contains(": services.web.\(message)"), "\(found)")
        } else {
            #expect(found == "")
        }
        _ = try load(text)
    }

    @Test(
        "names that no network or volume can have are refused where they stand",
        arguments: ["networks", "volumes"],
        ["..", "a/b", "a", "-ab", String(repeating: "n", count: 256)]
    )
    func names(section: String, name: String) {
        let text = """
            services: {web: {image: x, networks: [xx], volumes: ["xx:/x"]}}
            networks: {xx: {}}
            volumes: {xx: {}}

            """
        let named = text.replacing(
            "\(section): {xx: {}}",
            with: "\(section): {xx: {name: \"\(name)\"}}"
        )
        let found = problems(named, options: .test(.run))
        #expect(found.contains(": \(section).xx.name: \"\(name)\" cannot be a name"), "\(found)")
        #expect(problems(text, options: .test(.run)) == "")
    }
}
