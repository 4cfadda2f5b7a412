import ArgumentParser
import Engine
import OCI
import SystemPackage

extension ImageGroup {
    /// An image's files to look at.
    struct Mount: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mount",
            abstract: "Mount an image's file system read-only and print where.",
            discussion: """
                Without an image, lists what is mounted. The image cannot be removed meanwhile; \
                `berth image unmount` ends it, and so does a reboot.
                """
        )

        @Argument(help: "The image.", completion: .images)
        var image: String?

        @Argument(
            help: ArgumentHelp("A folder that is there.", valueName: "dir"),
            completion: .directory
        )
        var folder: String?

        func run() async throws {
            let session = try Session.openIfAny()
            guard let image else {
                for mount in try session?.engine.imageMounts() ?? [] {
                    Terminal.line("\(mount.image.hex.prefix(12)) \(mount.path)")
                }
                return
            }
            let place = try folder.map { try ImageGroup.absolute($0) }
            guard let session else { throw EngineError.noSuchImage(image) }
            let mount = try await session.engine.mountImage(matching: image, at: place)
            Terminal.line("\(mount.path)")
        }
    }

    /// The end of a mount.
    struct Unmount: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unmount",
            abstract: "Unmount an image: by its name wherever it is, or one folder.",
            aliases: ["umount"]
        )

        @Flag(name: .shortAndLong, help: "Every image that is mounted.")
        var all = false

        @Argument(
            help: ArgumentHelp("Images or folders.", valueName: "image|dir"),
            completion: .images
        )
        var images: [String] = []

        func validate() throws {
            guard all != !images.isEmpty else {
                throw ValidationError("name images or folders, or use --all")
            }
        }

        func run() async throws {
            let session = try Session.open()
            let wanted = all ? try session.engine.imageMounts().map(\.path.string) : images
            for text in wanted {
                let isPath = text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../")
                let name = isPath ? try ImageGroup.absolute(text).string : text
                for mount in try await session.engine.unmountImage(matching: name) {
                    Terminal.line("\(mount.path)")
                }
            }
        }
    }

    /// A folder as the kernel's table of mounts writes it.
    fileprivate static func absolute(_ path: String) throws -> FilePath {
        guard let resolved = Machine.resolved(path) else {
            throw Failure("there is no folder \(path)")
        }
        return FilePath(resolved)
    }
}
