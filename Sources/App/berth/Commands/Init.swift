import ArgumentParser
import Glibc
import Linux
import SystemPackage

/// First files for a repository that has none.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Look at a repository and write a compose file and Dockerfiles for it.",
        discussion: """
            Knows Python, Node.js, Go, Rust, Java, Ruby, PHP, Swift, .NET and plain pages, in the \
            folder or in those below it, and PostgreSQL, MySQL, Redis, MongoDB and RabbitMQ where the \
            dependencies name them. Never overwrites a file.
            """
    )

    @Flag(name: .customLong("dry-run"), help: "Print the files, write none.")
    var dryRun = false

    @Argument(help: "The repository's folder.", completion: .directory)
    var folder = "."

    func run() throws {
        let here = FilePath(try Machine.workingDirectory(insteadOfDeleted: nil))
        let path = here.pushing(FilePath(folder)).lexicallyNormalized()
        let repository = try Repository(at: path)
        guard let wanted = InitialFiles(for: repository) else {
            throw Failure(
                "no language that berth knows was found in \(path) or in the folders below it: "
                    + "`berth help init` lists them"
            )
        }
        Terminal.line("found: \(wanted.found.joined(separator: ", "))", to: .error)
        for warning in wanted.warnings {
            Terminal.line("warning: \(TerminalEscaping.oneLine(warning))", to: .error)
        }
        var written = 0
        for file in wanted.files {
            if let present = Self.present(file.path, in: path) {
                Terminal.line("\(present) is there already and stays as it is", to: .error)
                continue
            }
            written += 1
            guard !dryRun else {
                Terminal.write("# \(file.path)\n\(file.text)\n")
                continue
            }
            try Self.create(path.pushing(FilePath(file.path)), file.text)
            Terminal.line("wrote \(file.path)", to: .error)
        }
        guard !dryRun, written > 0 else { return }
        Terminal.line("read what was written, then `berth up`", to: .error)
    }

    /// What stands in the place of a file: a compose file may have several names.
    private static func present(_ name: String, in folder: FilePath) -> String? {
        let names = name == "compose.yaml" ? InitialFiles.composeNames : [name]
        return names.first { name in
            var status = stat()
            return lstat(folder.pushing(FilePath(name)).string, &status) == 0
        }
    }

    /// Creates a file that is not there; what appears meanwhile stays, too.
    private static func create(_ path: FilePath, _ text: String) throws {
        let number = try syscall("open", on: path.string) {
            open(path.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        }
        let file = OwnedFD(taking: number)
        try file.writeAll(Array(text.utf8))
    }
}
