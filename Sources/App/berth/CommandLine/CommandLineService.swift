import Compose
import FoundationEssentials
import OrderedCollections

/// What options of a command line say in the short forms of a compose file, read by the rules of such
/// a file: `-v ./src:/src:ro`, `-p 8080:80`, `-e A=b`.
struct CommandLineService {
    /// Nothing but what the options say is in it.
    let service: Service

    private static let path = "/command line"

    /// Relative paths are meant against the current folder; variables without a value are taken from
    /// `environment`.
    init(_ flags: RunFlags, _ environment: [String: String]) throws {
        var written: [String: Value] = ["image": .text("none")]
        func add(_ key: String, _ values: [String]) {
            if !values.isEmpty { written[key] = .list(values) }
        }
        add("environment", flags.inside.env)
        add("env_file", flags.envFromFile)
        add("labels", flags.label)
        add("volumes", flags.volume)
        add("ports", flags.publish)
        add("cap_add", flags.capabilities.capAdd)
        add("cap_drop", flags.capabilities.capDrop)
        if let entrypoint = flags.entrypoint {
            written["entrypoint"] = entrypoint.isEmpty ? .list([]) : .text(entrypoint)
        }
        let document = ["services": ["run": written]]
        let folder = try Machine.workingDirectory(insteadOfDeleted: nil)
        var options = LoadOptions(
            purpose: .run,
            workingDirectory: folder,
            environment: environment
        )
        options.files = [Self.path]
        options.projectDirectory = folder
        options.projectName = "run"
        options.envFiles = ["/dev/null"]
        options.without = [.checkReferences, .lint]
        let text = try JSONEncoder().encode(document)
        let loader = ComposeLoader(files: Files(text: Array(text)))
        let project = try loader.load(options).project
        service = project.services["run"] ?? Service(name: "run")
    }

    private enum Value: Encodable {
        case text(String)
        case list([String])

        /// A shell has put in what there was to put in: what is a variable of a file is none here.
        func encode(to encoder: any Encoder) throws {
            func literal(_ text: String) -> String { text.replacing("$", with: "$$") }
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(literal(text))
            case .list(let list): try container.encode(list.map(literal))
            }
        }
    }

    /// The machine's files, and one that the command line is.
    private struct Files: FileReader {
        let text: [UInt8]
        private let others = LocalFiles()

        init(text: [UInt8]) { self.text = text }

        func kind(of path: String) -> FileKind? {
            path == CommandLineService.path ? .file : others.kind(of: path)
        }

        func read(_ path: String) throws(FileReadError) -> [UInt8] {
            path == CommandLineService.path ? text : try others.read(path)
        }

        func homeDirectory(ofUser name: String) -> String? { others.homeDirectory(ofUser: name) }
    }
}
