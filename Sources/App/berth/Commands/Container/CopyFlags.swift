import ArgumentParser
import ContainerRuntime
import Engine
import Glibc

/// The flags that both `cp` commands have, and what is copied whereto.
struct CopyFlags: ParsableArguments {
    @Flag(
        name: [.short, .customLong("archive")],
        help: "What is copied to the host keeps the owners it has in the container."
    )
    var archive = false

    @Flag(
        name: [.customShort("L"), .customLong("follow-link")],
        help: "Follow a link that the source is."
    )
    var followLink = false
}

/// The two ends of a copy. `X:PATH` is in a container or service; a path that begins with `/` or `.`
/// never is.
struct CopyEnds: Equatable {
    /// What is written, with who it is of; `-` is a tar on stdin or stdout.
    enum End: Equatable {
        case inside(String, path: String)
        case host(String)

        init(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if text.hasPrefix("/") || text.hasPrefix(".") || parts.count < 2 || parts[0].isEmpty {
                self = .host(text)
            } else {
                self = .inside(String(parts[0]), path: String(parts[1]))
            }
        }
    }

    enum Direction: Equatable {
        case out(of: String, path: String, to: String)
        case into(String, path: String, from: String)
    }

    /// - Throws: where nothing is in a container, or both are, in docker's words.
    static func direction(_ source: String, _ destination: String) throws -> Direction {
        guard !source.isEmpty else { throw Failure("source can not be empty") }
        guard !destination.isEmpty else { throw Failure("destination can not be empty") }
        switch (End(source), End(destination)) {
        case (.inside(let name, let path), .host(let target)):
            return .out(of: name, path: path, to: target)
        case (.host(let from), .inside(let name, let path)):
            return .into(name, path: path, from: from)
        case (.inside, .inside): throw Both()
        case (.host, .host): throw Neither()
        }
    }

    /// Docker and docker compose have words of their own for these.
    struct Both: Error {}
    struct Neither: Error {}
}

extension Session {
    /// Copies out of a container. Gives the bytes that a tar of it would have.
    @discardableResult
    func copy(
        out container: (id: ContainerID, name: String),
        _ path: String,
        to target: String,
        _ flags: CopyFlags
    ) async throws -> Int64? {
        guard !path.isEmpty else {
            throw Failure(engine: "bad parameter: pathcannot be empty")
        }
        let files = FileCopy(CopyPath(Self.inside(path)), followsLink: flags.followLink)
        if target == "-" {
            guard !Terminal.isInteractive(.out) else {
                throw Failure("cowardly refusing to copy to a terminal. Redirect the output")
            }
            let output = try ArchiveOutput("-", doing: "copy")
            try await output.fill {
                try await engine.copyOut(container.id, called: container.name, files) {
                    try output.write($0)
                }
            }
            return nil
        }
        var request = CopyRequest(
            container.id,
            called: container.name,
            files,
            to: CopyPath(try Self.outside(target))
        )
        request.keepsOwners = flags.archive
        return try await engine.copyOut(request)
    }

    /// Copies into a container.
    @discardableResult
    func copy(
        into container: (id: ContainerID, name: String),
        _ path: String,
        from source: String,
        _ flags: CopyFlags
    ) async throws -> Int64? {
        let destination = CopyPath(Self.inside(path))
        if source == "-" {
            try await engine.copyIn(
                container.id,
                called: container.name,
                from: try ArchiveInput.standardInput(),
                to: destination
            )
            return nil
        }
        guard !path.isEmpty else { throw Failure("no such directory") }
        let files = FileCopy(CopyPath(try Self.outside(source)), followsLink: flags.followLink)
        return try await engine.copyIn(
            CopyRequest(container.id, called: container.name, files, to: destination)
        )
    }

    /// A container's paths begin at its root.
    private static func inside(_ path: String) -> String {
        path.hasPrefix("/") ? path : "/" + path
    }

    /// What stands at the end of it says something.
    private static func outside(_ path: String) throws -> String {
        path.hasPrefix("/") ? path : try Machine.workingDirectory() + "/" + path
    }
}
