import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine

extension ContainerGroup {
    /// Files into a container or out of it.
    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cp",
            abstract: "Copy files between a container and the host.",
            discussion: """
                `CONTAINER:PATH` is in the container, whether it runs or not. A folder that is there \
                gets what is copied under its own name, or, of `dir/.`, its content. `-` is a tar: \
                on stdin as the source, on stdout as the destination.
                """
        )

        @OptionGroup var flags: CopyFlags

        @Flag(name: .shortAndLong, help: "Do not say what was copied.")
        var quiet = false

        @Argument(
            help: ArgumentHelp("What is copied.", valueName: "container:src_path"),
            completion: .containers
        )
        var source: String

        @Argument(
            help: ArgumentHelp("Whereto.", valueName: "dest_path|-"),
            completion: .file()
        )
        var destination: String

        func run() async throws {
            let direction: CopyEnds.Direction
            do {
                direction = try CopyEnds.direction(source, destination)
            } catch is CopyEnds.Both {
                throw Failure("copying between containers is not supported")
            } catch is CopyEnds.Neither {
                throw Failure("must specify at least one container source")
            }
            let bytes: Int64?
            switch direction {
            case .out(let name, let path, let target):
                let (record, session) = try await Session.holding(container: name)
                bytes = try await session.copy(out: (record.id, name), path, to: target, flags)
                tell(bytes, target)
            case .into(let name, let path, let source):
                let (record, session) = try await Session.holding(container: name)
                bytes = try await session.copy(
                    into: (record.id, name),
                    path,
                    from: source,
                    flags
                )
                tell(bytes, destination)
            }
        }

        private func tell(_ bytes: Int64?, _ target: String) {
            guard !quiet, let bytes, Terminal.isInteractive(.error) else { return }
            Terminal.line(
                "Successfully copied \(HumanSize.decimal(bytes)) to \(target)",
                to: .error
            )
        }
    }
}
