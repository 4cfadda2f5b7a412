import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("device rules")
struct DeviceRuleTests {
    @Test(
        "rules are read in the controller's words",
        arguments: ["c 1:3 rwm", "b *:* m", "a *:* rwm", "c 136:* rw"]
    )
    func reads(text: String) {
        #expect(DeviceRule(parsing: text)?.description == text)
    }

    @Test(
        "what is no rule is refused",
        arguments: [
            "", "c 1:3", "c 1 rwm", "d 1:3 r", "c 1:3 x", "c 1:3 rwmr", "c -1:3 r", "c 1:3 ",
            "c  1:3 r", "c 4294967296:0 r", "c a:3 r", "c 1:3:4 r",
        ]
    )
    func refuses(text: String) {
        #expect(DeviceRule(parsing: text) == nil)
    }

    @Test("the defaults are Docker's")
    func defaults() {
        #expect(
            DeviceRule.defaults.map(\.description) == [
                "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm",
                "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm",
            ]
        )
    }
}
