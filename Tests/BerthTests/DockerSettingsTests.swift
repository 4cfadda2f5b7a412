import Linux
import SystemPackage
import Testing

@testable import berth

@Suite("docker's config.json, beside the credentials")
struct DockerSettingsTests {
    private func settings(_ text: String?) throws -> DockerSettings {
        let folder = FilePath("/tmp/berth-\(UInt64.random(in: .min ... .max))")
        try makeDirectories(folder)
        defer { try? removeTree(folder) }  // a temporary folder
        if let text { try atomicWrite(Array(text.utf8), to: folder.appending("config.json")) }
        return DockerSettings(environment: ["DOCKER_CONFIG": folder.string])
    }

    @Test("has the forms of listings")
    func forms() throws {
        let found = try settings(
            #"{"auths":{},"imagesFormat":"table {{.ID}}","psFormat":"{{.Names}}","x":[1]}"#
        )
        #expect(found.form(of: .images)?.text == "table {{.ID}}")
        #expect(found.form(of: .images)?.origin.hasPrefix("imagesFormat in /tmp/") == true)
        #expect(found.form(of: .containers)?.text == "{{.Names}}")
    }

    @Test(
        "may be absent, empty or broken",
        arguments: [nil, "", "{}", #"{"imagesFormat":""}"#, "{", "[]"]
    )
    func nothing(text: String?) throws {
        let found = try settings(text)
        #expect(found.form(of: .images) == nil)
        #expect(found.pruneFilters(besides: ["until=1h"]) == ["until=1h"])
    }

    @Test("adds its filters to those of a prune, but not against them")
    func filters() throws {
        let found = try settings(
            #"{"pruneFilters":["label!=keep","label=old","until=24h","odd"]}"#
        )
        #expect(found.pruneFilters(besides: []) == ["label!=keep", "label=old", "until=24h"])
        #expect(
            found.pruneFilters(besides: ["label=keep", "label!=old"])
                == ["label=keep", "label!=old", "until=24h"]
        )
        #expect(
            found.pruneFilters(besides: ["label=old"]) == ["label=old", "label!=keep", "until=24h"]
        )
    }
}
