import Compose
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Tables of inputs with docker compose's answers.
@Suite("Corpus vectors", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct VectorTests {
    @Test(
        "attributes of a service",
        arguments: [
            "bytes", "commands", "depends_on", "durations", "entrypoint", "environment",
            "extra_hosts", "healthcheck", "ports", "pull_policy", "restart", "ulimits",
            "volumes_long",
        ]
    )
    func attribute(vector: String) throws {
        for item in try Corpus.vectors(vector) {
            let input = try #require(item["input"] as? String)
            let attribute = item["attribute"] as? String ?? Self.attributes[vector] ?? vector
            let actual = Self.value(of: attribute, input)
            if item["error"] != nil {
                #expect(actual == nil, "\(attribute): \(input) is accepted")
                continue
            }
            let expected = item["result"].flatMap { $0 is NSNull ? nil : $0 } as? NSObject
            #expect(
                actual == .some(expected),
                "\(attribute): \(input): \(String(describing: actual))"
            )
        }
    }

    private static let attributes = [
        "bytes": "mem_limit", "commands": "command", "durations": "stop_grace_period",
        "volumes_long": "volumes",
    ]

    /// The canonical value; `.some(nil)` when it is not said, nil when it is refused.
    private static func value(of attribute: String, _ input: String) -> NSObject?? {
        let text = """
            services:
              a:
                image: x
                \(attribute): \(input)
              b:
                image: y
            volumes:
              v: {}

            """
        guard let loaded = try? load(text) else { return nil }
        let json = loaded.json().replacingOccurrences(of: "\"/project", with: "\"@PROJECT_DIR@")
            .replacingOccurrences(of: "\"/up", with: "\"@PROJECT_PARENT@/up")
        let root = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let services = root?["services"] as? [String: [String: Any]]
        let value = services?["a"]?[attribute]
        return .some(value is NSNull ? nil : value as? NSObject)
    }

    @Test("interpolation")
    func interpolation() throws {
        for item in try Corpus.vectors("interpolation") {
            let template = try #require(item["template"] as? String)
            let environment = item["env"] as? [String: String] ?? [:]
            let quoted = "'" + template.replacingOccurrences(of: "'", with: "''") + "'"
            let text = "services: {a: {image: x, labels: {l: \(quoted)}}}"
            let loaded = try? load(text, options: .test(environment: environment))
            #expect(
                loaded?.project.services["a"]?.labels["l"] == item["result"] as? String,
                "\(template)"
            )
        }
    }

    @Test("env files")
    func envFiles() throws {
        for item in try Corpus.vectors("dotenv") {
            let content = try #require(item["content"] as? String)
            var earlier = ""
            for (key, value) in item["earlier_values"] as? [String: String] ?? [:] {
                earlier += "\(key)='\(value)'\n"
            }
            let loaded = try? load(
                "services: {a: {image: x, env_file: [before.env, it.env]}}",
                files: ["before.env": earlier, "it.env": content],
                options: .test(environment: item["project_env"] as? [String: String] ?? [:])
            )
            let actual = loaded.map { loaded in
                (loaded.project.services["a"]?.environment ?? [:]).reduce(into: [:]) {
                    $0[$1.key] = $1.value
                }
            }
            #expect(actual == item["result"] as? [String: String], "\(content)")
        }
    }

    @Test("short volumes")
    func shortVolumes() throws {
        for item in try Corpus.vectors("volume_short") {
            let spec = try #require(item["spec"] as? String)
            // A dollar sign is the reference parser's business here, not interpolation's.
            let quoted = "'" + spec.replacingOccurrences(of: "$", with: "$$") + "'"
            let text = "services: {a: {image: x, volumes: [\(quoted)]}}"
            var options = LoadOptions.test()
            options.without.insert(.checkReferences)
            options.paths = .asWritten
            let loaded = try? load(text, options: options)
            guard item["error"] == nil else {
                #expect(loaded == nil, "\(spec)")
                continue
            }
            let data = Data((loaded?.json() ?? "").replacing("$$", with: "$").utf8)
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
            let services = root?["services"] as? [String: [String: Any]]
            let actual = (services?["a"]?["volumes"] as? [NSObject])?.first
            #expect(actual == item["result"] as? NSObject, "\(spec)")
        }
    }
}
