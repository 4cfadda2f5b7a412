import Testing

@testable import berth

@Suite("what doctor says of a machine")
struct MachineTests {
    @Test(
        "doctor names the profiles that docker would confine containers by, where they are active",
        arguments: [
            (false, false, "not active", false), (true, false, "AppArmor active", true),
            (false, true, "SELinux active", true),
            (true, true, "AppArmor and SELinux active", true),
        ]
    )
    func confinement(appArmor: Bool, seLinux: Bool, words: String, isLess: Bool) {
        let finding = MachineCheck.confinement(appArmor: appArmor, seLinux: seLinux)
        #expect(finding.state.contains(words))
        #expect((finding.verdict == .degraded) == isLess)
        #expect((finding.remedy != nil) == isLess)
    }
}
