import ArgumentParser
import Engine
import ImageStore

extension BuilderGroup {
    /// Cache mounts as archives.
    struct Mounts: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mount",
            abstract: "Export and import what RUN --mount=type=cache keeps.",
            subcommands: [Export.self, Import.self]
        )

        /// What a cache mount holds, as a tar.
        struct Export: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "export",
                abstract: "Write what is in a cache mount as a tar archive.",
                discussion:
                    "Steps that share the mount may go on meanwhile; those that lock it wait."
            )

            @OptionGroup var target: ArchiveTarget

            @Argument(
                help: "Its identifier (id=, otherwise the target), or its ID in `builder du`."
            )
            var mount: String

            func run() async throws {
                let session = try Session.open()
                let output = try ArchiveOutput(target.output, doing: "export")
                try await output.fill {
                    try await session.engine.exportCacheMount(mount) { try output.write($0) }
                }
            }
        }

        /// What a tar holds, into a cache mount.
        struct Import: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "import",
                abstract: "Put what is in a tar archive into a cache mount.",
                discussion: """
                    A mount that is not there is made. What is in it already stays, but for files of the \
                    same path. Steps that have the mount are waited for.
                    """
            )

            @Argument(help: "Its identifier (id=, otherwise the target).")
            var mount: String

            @Argument(
                help: ArgumentHelp("A tar, plain or compressed; - is stdin.", valueName: "file|-"),
                completion: .file()
            )
            var source = "-"

            func run() async throws {
                let archive = try ArchiveInput.named(source)
                let session = try Session.open()
                try await session.engine.importCacheMount(
                    mount,
                    from: archive.content,
                    subject: archive.subject
                )
                Terminal.line(mount)
            }
        }
    }
}
