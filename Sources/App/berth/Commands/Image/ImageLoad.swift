import ArgumentParser
import DockerViews
import Engine
import Glibc
import ImageStore
import OCI
import SystemPackage

extension ImageGroup {
    /// Images from an archive.
    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "load",
            abstract: "Load images from an archive or stdin.",
            discussion: """
                Reads OCI layouts (a tar, or a folder with --input) and docker archives, plain or \
                compressed with gzip, bzip2, xz or zstd. Every digest is verified; when anything is \
                wrong, nothing is loaded.
                """
        )

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Read a file, or the folder of an OCI layout.", valueName: "path"),
            completion: .file()
        )
        var input: String?

        @Option(help: ArgumentHelp("Only images for os[/arch[/variant]].", valueName: "platform"))
        var platform: String?

        @Flag(name: .shortAndLong, help: "Do not show progress.")
        var quiet = false

        func run() async throws {
            let wanted = try platform.map { try PlatformOption.read($0) }
            let origin = try origin()
            let session = try Session.open()
            let progress = Progress(
                style: quiet ? .quiet : Progress.Style(option: "auto"),
                usesColour: Terminal.usesColour(.error)
            )
            let images = try await session.engine.loadImages(
                from: origin,
                platform: wanted
            ) { layer in
                progress.report(
                    "Layer \(layer.diffID.hex.prefix(12))",
                    "\(layer.isDone ? "Loaded" : "Loading") \(HumanSize.decimal(layer.size))",
                    layer.isDone ? .done : .working
                )
            }
            progress.finish()
            for image in images { Self.tell(image) }
        }

        private static func tell(_ image: LoadedImage) {
            for moved in image.moved {
                Terminal.line(
                    "The image \(moved.name.familiar) already exists, renaming the old one with ID "
                        + "\(moved.before) to empty string"
                )
            }
            for name in image.names { Terminal.line("Loaded image: \(name.familiar)") }
            if image.names.isEmpty { Terminal.line("Loaded image ID: \(image.id)") }
        }

        private func origin() throws -> ArchiveOrigin {
            guard let input, input != "-" else {
                guard isatty(STDIN_FILENO) == 0 else {
                    throw Failure("requested load from stdin, but stdin is empty")
                }
                return .stream(try ArchiveInput.standardInput(), name: "standard input")
            }
            var status = stat()
            if stat(input, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                return .folder(FilePath(input))
            }
            return .stream(try ArchiveInput.file(input), name: input)
        }
    }
}
