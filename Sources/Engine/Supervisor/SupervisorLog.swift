import Engine
import Glibc
import Linux
import SystemPackage

/// What the supervisors of a project say, one after the other: `<run>/projects/<name>/supervisor.log`.
enum SupervisorLog {
    static func path(of project: String, in layout: Layout) -> FilePath {
        layout.projectRun(project).appending("supervisor.log")
    }

    /// Opens it to add to it. One that has grown large begins again: what matters is recent.
    static func open(_ path: FilePath) throws -> OwnedFD {
        let file = try openFile(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
        try file.with { number throws(SyscallError) in
            var status = stat()
            _ = try syscall("fstat", on: path.string) { fstat(number, &status) }
            guard status.st_size > 1 << 20 else { return }
            _ = try syscall("ftruncate", on: path.string) { ftruncate(number, 0) }
        }
        return file
    }

    /// Makes it this process's output, which keepers and commands leave to different places.
    static func adopt(_ path: FilePath) throws {
        let file = try open(path)
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            try file.with { number throws(SyscallError) in
                _ = try syscall("dup2", on: path.string) { dup2(number, stream) }
            }
        }
    }
}
