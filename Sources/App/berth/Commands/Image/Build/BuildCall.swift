import Builder
import Engine
import FoundationEssentials

/// `--call`: what is asked of a Dockerfile instead of an image.
enum BuildCall: Equatable {
    case build
    case check(asJSON: Bool)
    case outline(asJSON: Bool)
    case targets(asJSON: Bool)
    /// The list of what can be asked.
    case describe

    /// `check`, `outline`, `targets` or `subrequests.describe`, and `,format=json` behind it.
    init(parsing text: String) throws {
        let parts = text.split(separator: ",").map(String.init)
        var asJSON = false
        for part in parts.dropFirst() {
            switch part {
            case "format=json": asJSON = true
            case "format=text": asJSON = false
            default: throw Failure("--call \(text): \(part): write format=json or nothing")
            }
        }
        switch parts.first?.lowercased() {
        case "build", nil: self = .build
        case "check", "lint": self = .check(asJSON: asJSON)
        case "outline": self = .outline(asJSON: asJSON)
        case "targets": self = .targets(asJSON: asJSON)
        case "subrequests.describe": self = .describe
        case let other?:
            throw Failure(
                "--call \(other): unsupported request; it can be build, check, outline, targets or "
                    + "subrequests.describe"
            )
        }
    }

    /// Answers on standard output. False where what was asked is not in order.
    func answer(_ request: BuildRequest, _ images: ProjectImages, _ progress: Progress) async throws
        -> Bool
    {
        switch self {
        case .build: return true
        case .describe:
            Terminal.line(Self.descriptions.joined(separator: "\n"))
            return true
        case .check(let asJSON):
            let report = try await images.check(request)
            for note in report.notes { progress.warn(note) }
            progress.finish()
            if asJSON {
                Terminal.line(try report.json())
            } else {
                for line in report.lines { Terminal.line(line) }
            }
            if let error = report.error {
                let place = report.errorLine > 0 ? "\(report.file):\(report.errorLine): " : ""
                throw Failure("\(place)\(error)")
            }
            return report.isClean
        case .outline(let asJSON), .targets(let asJSON):
            let (outline, text) = try await images.outline(request)
            progress.finish()
            let isOutline = self == .outline(asJSON: asJSON)
            if asJSON {
                Terminal.line(try Self.json(outline, isOutline, text))
            } else {
                for line in isOutline ? Self.lines(outline) : Self.targetLines(outline) {
                    Terminal.line(line)
                }
            }
            return true
        }
    }

    private static let descriptions = table(
        [
            ["NAME", "VERSION", "DESCRIPTION"],
            ["check", "1.0.0", "Check the Dockerfile and build nothing"],
            ["outline", "1.0.0", "List all parameters current build target supports"],
            ["targets", "1.0.0", "List all targets current build supports"],
            ["subrequests.describe", "1.0.0", "List available subrequest types"],
        ],
        gap: 1
    )

    private static func json(
        _ outline: DockerfileOutline,
        _ isOutline: Bool,
        _ text: String
    ) throws -> String {
        struct Parameters: Encodable {
            var name, description: String?
            var args: [DockerfileOutline.Argument]?
            var secrets, ssh: [DockerfileOutline.Mount]?
            var sources: [Data]
        }
        struct Targets: Encodable {
            var targets: [DockerfileOutline.Target]
            var sources: [Data]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let sources = [Data(text.utf8)]
        guard isOutline else {
            let targets = Targets(targets: outline.targets, sources: sources)
            return String(decoding: try encoder.encode(targets), as: UTF8.self)
        }
        let parameters = Parameters(
            name: outline.name,
            description: outline.description,
            args: outline.arguments.isEmpty ? nil : outline.arguments,
            secrets: outline.secrets.isEmpty ? nil : outline.secrets,
            ssh: outline.agents.isEmpty ? nil : outline.agents,
            sources: sources
        )
        return String(decoding: try encoder.encode(parameters), as: UTF8.self)
    }

    private static func lines(_ outline: DockerfileOutline) -> [String] {
        var lines: [String] = []
        if let name = outline.name { lines.append("TARGET:      \(name)") }
        if let text = outline.description { lines.append("DESCRIPTION: \(text)") }
        if !lines.isEmpty { lines.append("") }
        if !outline.arguments.isEmpty {
            let rows = outline.arguments.map { [$0.name, $0.value ?? "", $0.description ?? ""] }
            lines += table([["BUILD ARG", "VALUE", "DESCRIPTION"]] + rows, gap: 3) + [""]
        }
        for (title, mounts) in [("SECRET", outline.secrets), ("SSH", outline.agents)]
        where !mounts.isEmpty {
            let rows = mounts.map { [$0.name, $0.required == true ? "true" : ""] }
            lines += table([[title, "REQUIRED"]] + rows, gap: 3) + [""]
        }
        return lines
    }

    private static func targetLines(_ outline: DockerfileOutline) -> [String] {
        let rows = outline.targets.compactMap { target -> [String]? in
            let mark = target.default == true ? "(default)" : nil
            let words = [target.name, mark].compactMap { $0 }
            return words.isEmpty ? nil : [words.joined(separator: " "), target.description ?? ""]
        }
        return table([["TARGET", "DESCRIPTION"]] + rows, gap: 1)
    }

    /// Columns as wide as their widest entry, but for the last.
    private static func table(_ rows: [[String]], gap: Int) -> [String] {
        let count = rows.first?.count ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                guard column < count - 1 else { return row[column] }
                let blanks = widths[column] - row[column].count + gap
                return row[column] + String(repeating: " ", count: blanks)
            }.joined()
        }
    }
}
