import CLinux
import Glibc
import Synchronization
package import SystemPackage

/// Mounts that only a descriptor leads to, on kernels where the new mount calls cannot make them.
package enum PrivateMount {
    /// Lays folders over each other read-only, topmost first.
    ///
    /// The mount is made in a mount namespace of a thread's own, which ends with the call, and
    /// lives as long as the descriptor. Blocks for a moment.
    package static func overlay(_ layers: [FilePath]) throws(SyscallError) -> OwnedFD {
        var pipe = try Pipe.make()
        let reader = pipe.takeReader()
        let done = SharedFD(pipe.takeWriter())
        let outcome = Outcome()
        try startThread {
            let result = Result { () throws(SyscallError) in SharedFD(try mount(layers)) }
            outcome.value.withLock { $0 = result }
            var byte: UInt8 = 0
            done.with { fd in _ = write(fd, &byte, 1) }
        }
        _ = try reader.readSome(upTo: 1)
        guard let result = outcome.value.withLock({ $0 }) else {
            throw SyscallError(call: "mount", subject: "overlay", errno: EINTR)
        }
        return try result.get().duplicate()
    }

    /// On the thread: layers are opened in its namespace, as overlay takes none of another.
    private static func mount(_ layers: [FilePath]) throws(SyscallError) -> OwnedFD {
        _ = try syscall("unshare", on: "mount namespace") { berth_unshare(CLONE_NEWNS) }
        _ = try syscall("mount", on: "/") {
            Glibc.mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        // Any folder will do as the place: nobody else sees it there.
        let place = layers.first ?? "/"
        try Mount.overlay(layers, at: place, source: "overlay")
        return try openFile(place, O_PATH | O_DIRECTORY)
    }
}

private final class Outcome: Sendable {
    let value = Mutex<Result<SharedFD, SyscallError>?>(nil)
}
