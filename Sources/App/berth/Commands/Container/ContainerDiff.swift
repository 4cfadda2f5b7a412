import ArgumentParser
import Engine
import TextForms

extension ContainerGroup {
    /// What a container changed of its image.
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract: "List what a container added (A), changed (C) and deleted (D) of its image."
        )

        @Argument(help: "The container.", completion: .containers)
        var container: String

        func run() async throws {
            let (record, session) = try await Session.holding(container: container)
            let isSeen = Terminal.isInteractive(.out)
            for change in try await session.engine.changes(of: record.id) {
                let path = isSeen ? VisibleText.escaped("\(change.path)") : "\(change.path)"
                Terminal.line("\(change.kind.rawValue) \(path)")
            }
        }
    }
}
