import Foundation
import TestSupport
import Testing

/// Compose files with docker compose's answers.
extension Corpus {
    static let root = folder?.path
    /// One run of one case.
    struct Run: Sendable {
        var folder: String
        var name: String
        var command: [String]
        var arguments: [String]
        var environment: [String: String]
        var workingDirectory: String
        var isValid: Bool
        var expected: [String: String]
        var isUnstable: Bool
        var location: String?
        var stdin: String?
        var referenceError: String?

        var id: String {
            folder.split(separator: "/").suffix(2).joined(separator: "/")
        }
    }

    static let runs: [Run] = {
        guard let root else { return [] }
        let base = root + "/compose"
        let files = FileManager.default
        var runs: [Run] = []
        for family in (try? files.contentsOfDirectory(atPath: base))?.sorted() ?? [] {
            let familyPath = base + "/" + family
            for name in (try? files.contentsOfDirectory(atPath: familyPath))?.sorted() ?? [] {
                runs += load(familyPath + "/" + name)
            }
        }
        return runs
    }()

    private static func load(_ folder: String) -> [Run] {
        guard let data = files(folder + "/case.json"),
            let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let runs = json["runs"] as? [[String: Any]]
        else { return [] }
        return runs.map { run in
            let location =
                (run["berth_location"] ?? json["berth_location"]) as? [String: Any]
            var environment = json["env"] as? [String: String] ?? [:]
            environment.merge(run["env"] as? [String: String] ?? [:]) { $1 }
            var expected: [String: String] = [:]
            for key in ["yaml", "json", "output"] {
                if let file = run[key] as? String { expected[key] = file }
            }
            return Run(
                folder: folder,
                name: run["name"] as? String ?? "",
                command: run["command"] as? [String] ?? [],
                arguments: run["args"] as? [String] ?? json["args"] as? [String] ?? [],
                environment: environment,
                workingDirectory: json["cwd"] as? String ?? ".",
                isValid: (run["berth_expect"] ?? run["expect"]) as? String == "valid",
                expected: expected,
                isUnstable: run["unstable"] != nil,
                location: location.map { "\($0["file"] ?? ""):\($0["line"] ?? "")" },
                stdin: run["stdin"] as? String,
                referenceError: run["reference_error"] as? String
            )
        }
    }

    private static func files(_ path: String) -> Data? {
        FileManager.default.contents(atPath: path)
    }

    /// Cases of a vector file.
    static func vectors(_ name: String) throws -> [[String: Any]] {
        let path = "\(root ?? "")/compose/vectors/\(name).json"
        let data = try #require(files(path), "\(path) cannot be read")
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let cases = try #require(json?["cases"] as? [[String: Any]])
        try #require(!cases.isEmpty, "\(path) has no cases")
        return cases
    }
}
