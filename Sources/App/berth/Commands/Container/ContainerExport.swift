import ArgumentParser
import Builder
import ContainerRuntime
import Engine

extension ContainerGroup {
    /// A container's files as a tar.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write a container's file system as a tar archive, without its volumes."
        )

        @OptionGroup var target: ArchiveTarget

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let (record, session) = try await Session.holding(container: container)
            try await session.export(record.id, to: target.output)
        }
    }

    /// An image from a container.
    struct Commit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "commit",
            abstract: "Make an image of a container with what it changed, without its volumes."
        )

        @OptionGroup var options: CommitOptions

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(
            help: ArgumentHelp("The image's name.", valueName: "repository[:tag]"),
            completion: .images
        )
        var name: String?

        func run() async throws {
            let request = try options.request(name)
            let (record, session) = try await Session.holding(container: container)
            try await session.commit(record.id, request)
        }
    }
}

/// Where an archive is written to.
struct ArchiveTarget: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to a file instead of stdout.", valueName: "file"),
        completion: .file()
    )
    var output: String?
}

/// How an image is made of a container.
struct CommitOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Who made it: Jo <jo@example.com>.", valueName: "name")
    )
    var author: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("What the image's history says.", valueName: "text")
    )
    var message: String?

    @OptionGroup var changes: ChangeOptions

    @Flag(
        name: [.customShort("p"), .customLong("pause")],
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: "Stop the container's processes meanwhile."
    )
    var pause = true

    func request(_ name: String?) throws -> CommitRequest {
        var request = CommitRequest()
        request.name = try name.map { try ChangeOptions.target($0) }
        request.author = author
        request.comment = message
        request.pauses = pause
        let changes = try changes.parse()
        request.configure = { try changes.apply(to: &$0) }
        return request
    }
}
