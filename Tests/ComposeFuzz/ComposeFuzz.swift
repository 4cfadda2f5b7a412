import Foundation

/// Loads many files that are nearly right, and checks what must hold for each of them: no crash, no
/// hang, output that loads to the same output, and problems that point into the file.
/// `scripts/fuzz` runs it.
@main
enum ComposeFuzz {
    static func main() throws {
        let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
        if let file = settings.load { return try load(file) }
        let maker = InputMaker(seeds: try Seeds(folders: settings.folders), seed: settings.seed)
        if let number = settings.replay { return replay(maker.input(number)) }
        if let first = settings.worker {
            return Worker(maker: maker, settings: settings).run(from: first)
        }
        print(
            "seed \(settings.seed), \(settings.count) inputs from \(maker.seeds.projects.count) projects"
        )
        guard try Campaign(settings: settings, maker: maker).run() else { exit(1) }
    }

    /// Shows an input and what is found in it.
    private static func replay(_ input: FuzzInput) {
        for (path, bytes) in input.files.sorted(by: { $0.key < $1.key }) {
            print("--- \(path)\n\(String(decoding: bytes, as: UTF8.self))")
        }
        let (text, isAccepted) = Check.finding(input)
        print("--- accepted: \(isAccepted); \(text ?? "nothing found")")
    }

    /// Checks one file of the disk, as a project of its own.
    private static func load(_ path: String) throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let (text, isAccepted) = Check.finding(FuzzInput(files: [FuzzInput.main: bytes]))
        print("accepted: \(isAccepted); \(text ?? "nothing found")")
    }
}
