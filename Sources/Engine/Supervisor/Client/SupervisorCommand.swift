import Engine
import Glibc
import Linux
package import SystemPackage

/// How a project's supervisor is started: this executable with other arguments.
package struct SupervisorCommand: Hashable, Sendable {
    /// Absolute path.
    package var program: FilePath
    /// All but the program's name; the project's name follows.
    package var arguments: [String]
    /// `NAME=value`; the whole environment.
    package var environment: [String]

    /// The program, and an environment that leads it to the same state folders again: keepers, too,
    /// start it with nothing else.
    package init(
        program: FilePath,
        arguments: [String] = ["supervise"],
        environment: [String]
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }

    /// Program, arguments and project, as a keeper runs it.
    package func words(for project: String) -> [String] {
        [program.string] + arguments + [project]
    }

    /// The number at which a supervisor finds the pipe it says that it is ready on.
    static let readinessDescriptor: CInt = 3
    /// Tells it that there is such a pipe: keepers give none.
    static let readinessVariable = "BERTH_READY_FD"
    /// What is written to the pipe when somebody listens; a reason in words when nobody does.
    static let isReady: UInt8 = 1

    /// Starts it, out of reach of the terminal, and returns once it serves its socket, or has found
    /// that another one does.
    func launch(project: String, log: FilePath) async throws {
        var pipe = try Pipe.make(flags: O_CLOEXEC | O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        var request = SpawnRequest(
            program: program.string,
            arguments: ["berth"] + arguments + [project]
        )
        request.environment =
            environment + ["\(Self.readinessVariable)=\(Self.readinessDescriptor)"]
        request.startsSession = true
        request.workingDirectory = "/"
        let output = SharedFD(try SupervisorLog.open(log))
        request.descriptors = [1: output, 2: output]
        do {
            let writer = SharedFD(pipe.takeWriter())
            request.descriptors[Self.readinessDescriptor] = writer
            let child = try spawn(request)
            request.descriptors = [:]
            reap(child)
        }
        // Our copy of the writing end is closed: the end of the pipe is the end of the child.
        let word = try await reader.read(upTo: 4096)
        if word.first == Self.isReady { return }
        let reason = String(decoding: word, as: UTF8.self)
        throw SupervisorError(
            .unreachable,
            reason.isEmpty
                ? "the supervisor of project \(project) did not start; see \(log)" : reason
        )
    }

    /// The supervisor outlives most commands; the few that outlive it must not keep its remains.
    private func reap(_ child: ProcessFD) {
        // Ends with the child or with this process.
        Task {
            // `try?`: how the supervisor ended is told by its log.
            _ = try? await child.exitStatus()
        }
    }
}
