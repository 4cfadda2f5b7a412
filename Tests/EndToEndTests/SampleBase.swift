import Foundation
import TestSupport
import Testing

/// The base image of the samples that are made of Debian's packages. It is made once, as the
/// samples' READMEs say, but with the packages of all of them; its archive stays beside the
/// products of the build for the next time.
enum SampleBase {
    /// What one README says.
    struct Recipe {
        var packages: [String]
        var tag: String
        var distribution: String
    }

    static let samples = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "../../samples").standardizedFileURL

    /// Reads the line with `berth image bootstrap` of a sample's README.
    static func recipe(of sample: String) throws -> Recipe {
        let file = samples.appending(path: "\(sample)/README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let line = /(?m)^berth image bootstrap --include (\S+) --tag (\S+) (\S+)$/
        let match = try #require(text.firstMatch(of: line), "\(file.path()) makes no base image")
        return Recipe(
            packages: match.1.split(separator: ",").map(String.init),
            tag: String(match.2),
            distribution: String(match.3)
        )
    }

    /// Puts the base image of a sample into a machine, under the name that its Dockerfiles have.
    static func load(for sample: String, into machine: TestMachine) async throws {
        let loaded = try await machine.berth("load", "-i", try await archive.value)
        try #require(loaded.status == 0, "\(loaded.err)")
        let tag = try recipe(of: sample).tag
        let tagged = try await machine.berth("image", "tag", name, tag)
        try #require(tagged.status == 0, "\(tagged.err)")
    }

    /// Whether it is here already, or can be made.
    static func isWithinReach() async throws -> Bool {
        if FileManager.default.fileExists(atPath: try archivePath()) { return true }
        guard isRoot, FileManager.default.isExecutableFile(atPath: "/usr/bin/mmdebstrap") else {
            return false
        }
        // By apt's own way, which knows of proxies.
        let script = """
            uri=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | grep -m 1 '/debian/*$')
            exec /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 \
                -o Acquire::https::Timeout=5 download-file \
                "${uri%/}/dists/bookworm/Release" "$1"
            """
        let scratch = try Scratch()
        return try await outside(["/bin/sh", "-c", script, "sh", "\(scratch("Release"))"]).status
            == 0
    }

    private static let name = "sample-base"

    /// The archive's path. Nobody cancels it: every test of a sample waits for it.
    private static let archive = Task {
        let place = try archivePath()
        if !FileManager.default.fileExists(atPath: place) { try await make(place) }
        return place
    }

    private static let all = ["web-db", "queue", "dev"]

    private static func packages() throws -> [String] {
        Set(try all.flatMap { try recipe(of: $0).packages }).sorted()
    }

    /// Other packages are another archive.
    private static func archivePath() throws -> String {
        "\(Products.folder)/sample-base-\(try packages().joined(separator: "+")).tar"
    }

    /// Outside of every machine of a test, from which no packet finds its way to the mirror.
    private static func make(_ place: String) async throws {
        let distributions = Set(try all.map { try recipe(of: $0).distribution })
        try #require(distributions.count == 1, "one base image is made for all samples")
        let scratch = try Scratch()
        let archive = "\(place).\(ProcessInfo.processInfo.processIdentifier)"
        let commands = [
            ["image", "bootstrap", "--include", try packages().joined(separator: ",")]
                + ["--tag", name] + distributions,
            ["save", "-o", archive, name],
        ]
        for command in commands {
            let run = try await outside(
                [Products.path("berth")] + command,
                environment: [
                    "BERTH_ROOT": "\(scratch("root"))", "BERTH_RUN": "\(scratch("run"))",
                ]
            )
            try #require(run.status == 0, "\(run.err)")
        }
        try FileManager.default.moveItem(atPath: archive, toPath: place)
    }

    private static func outside(
        _ command: [String],
        environment: [String: String] = [:]
    ) async throws -> TestMachine.Output {
        let own = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return try await Program(command, environment: own, directory: "/").end()
    }
}
