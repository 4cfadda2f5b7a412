import Compose
import Foundation
import TestSupport
import Testing

@Suite("Corpus", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct CorpusTests {
    /// Runs where we differ from the reference on purpose.
    static let differences = [
        "e2e/e2e-raw-env-file": "the specification has \"format: raw\", and so has docker compose"
    ]

    @Test("every run of every case gives what docker compose gives")
    func runs() throws {
        var failures: [String] = []
        for run in Corpus.runs where Self.differences[run.id] == nil {
            if let why = CorpusRunner(run: run).difference() {
                failures.append("\(run.id) [\(run.name)] \(why)")
            }
        }
        let list = failures.joined(separator: "\n")
        #expect(failures.isEmpty, "\(failures.count) of \(Corpus.runs.count) differ:\n\(list)")
    }
}

/// Runs one case through the loader, in the process.
struct CorpusRunner {
    let run: Corpus.Run

    /// What differs; nil when nothing does.
    func difference() -> String? {
        let folder = URL(fileURLWithPath: run.folder).resolvingSymlinksInPath().path
        let options: LoadOptions
        switch parse(folder) {
        case .success(let parsed): options = parsed
        case .failure(let failure): return failure.reason
        }
        var files: any FileReader = LocalFiles()
        if let stdin = run.stdin { files = WithStandardInput(text: fill(stdin, folder)) }
        let loaded: LoadedProject
        do {
            loaded = try ComposeLoader(files: files).load(options)
        } catch {
            guard !run.isValid else { return "refused: \(error)" }
            if let location = run.location, !"\(error)".contains(location) {
                return "no position \(location) in: \(error)"
            }
            return nil
        }
        guard run.isValid else { return "accepted, should be refused: \(run.referenceError ?? "")" }
        guard !run.isUnstable else { return nil }
        return compare(loaded, folder)
    }

    struct Failure: Error { var reason: String }

    private func fill(_ text: String, _ folder: String) -> String {
        let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)])
        return text.replacingOccurrences(of: "@PROJECT_DIR@", with: folder)
            .replacingOccurrences(of: "@PROJECT_PARENT@", with: parent)
    }

    private func compare(_ loaded: LoadedProject, _ folder: String) -> String? {
        let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)])
        func masked(_ text: String) -> String {
            text.replacingOccurrences(of: folder, with: "@PROJECT_DIR@")
                .replacingOccurrences(of: parent, with: "@PROJECT_PARENT@")
        }
        let wantsJSON = run.command.contains("json")
        let hasOtherOutput = run.command.contains { Self.listings.contains($0) }
        guard !hasOtherOutput else { return listingDifference(loaded, folder) }
        for key in ["yaml", "output"] {
            guard let file = run.expected[key] else { continue }
            let expected = read(file)
            let actual = masked(wantsJSON ? loaded.json() : loaded.yaml())
            if expected != actual { return firstDifference(file, expected, actual) }
        }
        if let file = run.expected["json"] {
            let expected = try? JSONSerialization.jsonObject(with: Data(read(file).utf8))
            let text = masked(loaded.json())
            let actual = try? JSONSerialization.jsonObject(with: Data(text.utf8))
            guard let expected = expected as? NSObject, let actual = actual as? NSObject else {
                return "json does not parse"
            }
            if expected != actual { return "json: " + firstDifference(file, read(file), text) }
        }
        return nil
    }

    /// Hashes need more than this package's part; they are compared where the command is tested.
    private func listingDifference(_ loaded: LoadedProject, _ folder: String) -> String? {
        guard let file = run.expected["output"] else { return nil }
        let lines: [String]
        switch run.command.first(where: Self.listings.contains) {
        case "--profiles": lines = loaded.profiles
        case "--services": lines = loaded.serviceNames
        case "--volumes": lines = loaded.volumeNames
        case "--networks": lines = loaded.networkNames
        case "--images": lines = loaded.imageNames
        case "--variables":
            guard case .success(let options) = parse(folder),
                let found = try? ComposeLoader(files: LocalFiles()).variables(options)
            else { return "no variables" }
            let actual = VariableListing.json(found)
            return actual == read(file) ? nil : firstDifference(file, read(file), actual)
        default: return nil
        }
        let actual = lines.map { $0 + "\n" }.joined()
        return actual == read(file) ? nil : firstDifference(file, read(file), actual)
    }

    private static let listings: Set<String> = [
        "--profiles", "--services", "--volumes", "--networks", "--images", "--hash",
        "--variables", "--environment",
    ]

    private func read(_ file: String) -> String {
        FileManager.default.contents(atPath: run.folder + "/" + file)
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func firstDifference(_ file: String, _ expected: String, _ actual: String) -> String {
        let (want, got) = (
            expected.split(separator: "\n", omittingEmptySubsequences: false),
            actual.split(separator: "\n", omittingEmptySubsequences: false)
        )
        for index in 0..<min(want.count, got.count) where want[index] != got[index] {
            return "\(file):\(index + 1): want '\(want[index])' got '\(got[index])'"
        }
        return "\(file): want \(expected.utf8.count) bytes, got \(actual.utf8.count)"
    }

    /// How the run loads its project.
    func options() -> Result<LoadOptions, Failure> {
        parse(URL(fileURLWithPath: run.folder).resolvingSymlinksInPath().path)
    }

    /// The command line as the program would read it.
    private func parse(_ folder: String) -> Result<LoadOptions, Failure> {
        let directory =
            run.workingDirectory == "." ? folder : folder + "/" + run.workingDirectory
        var environment = ["HOME": "/home/berth", "PATH": "/usr/bin:/bin", "PWD": directory]
        for (key, value) in run.environment { environment[key] = fill(value, folder) }
        var options = LoadOptions(
            purpose: .config,
            workingDirectory: directory,
            environment: environment
        )
        var words = (run.arguments + run.command).map { fill($0, folder) }[...]
        while let word = words.popFirst() {
            switch word {
            case "-f", "--file": options.files.append(words.popFirst() ?? "")
            case "-p", "--project-name": options.projectName = words.popFirst()
            case "--project-directory": options.projectDirectory = words.popFirst()
            case "--env-file": options.envFiles.append(words.popFirst() ?? "")
            case "--profile": options.profiles.append(words.popFirst() ?? "")
            case "--all-resources": options.without.insert(.dropResources)
            case "--no-normalize": options.without.insert(.normalise)
            case "--no-consistency": options.without.insert(.checkReferences)
            case "--no-path-resolution": options.paths = .asWritten
            case "--no-interpolate": options.without.insert(.interpolate)
            case "--no-env-resolution": options.without.insert(.resolveEnvironment)
            case "--format", "--hash": _ = words.popFirst()
            case "config": continue
            case _ where Self.listings.contains(word): continue
            case _ where word.hasPrefix("-"): return .failure(Failure(reason: "flag \(word)"))
            default: options.services.append(word)
            }
        }
        return .success(options)
    }
}

/// The files of the machine, and a text for standard input.
struct WithStandardInput: FileReader {
    var text: String

    func kind(of path: String) -> FileKind? { LocalFiles().kind(of: path) }

    func read(_ path: String) throws(FileReadError) -> [UInt8] {
        path == "-" ? Array(text.utf8) : try LocalFiles().read(path)
    }

    func homeDirectory(ofUser name: String) -> String? { nil }
}
