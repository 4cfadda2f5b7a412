import Testing

@testable import berth

@Suite("names of the builder")
struct BuilderNamesTests {
    @Test("the builder has the names that scripts give it, and its own for good")
    func names() throws {
        var names = BuilderNames()
        #expect(names.all == ["default"])
        try names.add("ci")
        try names.add("ci")
        try names.add("default")
        #expect(names.all == ["default", "ci"])
        #expect(names.current == "default")
        try names.use("ci")
        #expect(names.current == "ci")
        try names.remove("ci")
        #expect(names == BuilderNames())
    }

    @Test(
        "other names are refused",
        arguments: [
            ("add", "1x", "invalid instance name: 1x"), ("add", "a/b", "invalid instance name"),
            ("add", "", "invalid instance name"), ("use", "nosuch", "no builder \"nosuch\" found"),
            ("remove", "nosuch", "no builder \"nosuch\" found"),
            ("remove", "default", "failed to remove default"),
        ]
    )
    func refusals(verb: String, name: String, words: String) {
        let failure = #expect(throws: Failure.self) {
            var names = BuilderNames()
            switch verb {
            case "add": try names.add(name)
            case "use": try names.use(name)
            default: try names.remove(name)
            }
        }
        #expect(failure?.description.hasPrefix(words) == true)
    }
}
