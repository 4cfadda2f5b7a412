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
        try inOwnNamespace { () throws(SyscallError) in
            let place = try mount(layers, source: "overlay")
            return try openFile(place, O_PATH | O_DIRECTORY)
        }
    }

    /// As `overlay(_:)`, of two layers at least, as a mount that can be attached: of the whole, or of
    /// what is at `part` beneath it, whose links lead nowhere else. `source` is shown in the table of
    /// mounts.
    package static func tree(
        _ layers: [FilePath],
        part: FilePath,
        source: String
    ) throws(SyscallError) -> OwnedFD {
        try inOwnNamespace { () throws(SyscallError) in
            let place = try mount(layers, source: source)
            let part = try Root(place).open(part, O_PATH, crossingMounts: false)
            let tree = try Mount.clone(part, subject: "\(source) at \(place)")
            // As in the image that it is: only devices do not work.
            try Mount.setAttributes(tree, clear: UInt64(MOUNT_ATTR_NOSUID), recursive: false)
            return tree
        }
    }

    /// Runs on a thread of its own, in a mount namespace of its own.
    private static func inOwnNamespace(
        _ body: @escaping @Sendable () throws(SyscallError) -> OwnedFD
    ) throws(SyscallError) -> OwnedFD {
        var pipe = try Pipe.make()
        let reader = pipe.takeReader()
        let done = SharedFD(pipe.takeWriter())
        let outcome = Outcome()
        try startThread {
            let result = Result { () throws(SyscallError) in SharedFD(try isolated(body)) }
            outcome.value.withLock { $0 = result }
            var byte: UInt8 = 0
            done.with { fd in _ = write(fd, &byte, 1) }
        }
        _ = try reader.readSome(upTo: 1)
        guard let result = outcome.value.withLock({ $0 }) else {
            throw SyscallError(call: "mount", subject: "a private namespace", errno: EINTR)
        }
        return try result.get().duplicate()
    }

    private static func isolated(
        _ body: () throws(SyscallError) -> OwnedFD
    ) throws(SyscallError) -> OwnedFD {
        _ = try syscall("unshare", on: "mount namespace") { berth_unshare(CLONE_NEWNS) }
        _ = try syscall("mount", on: "/") {
            Glibc.mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        return try body()
    }

    /// On the thread: layers are opened in its namespace, as overlay takes none of another. Any folder
    /// will do as the place, since nobody else sees it there.
    private static func mount(
        _ layers: [FilePath],
        source: String
    ) throws(SyscallError) -> FilePath {
        let place = layers.first ?? "/"
        try Mount.overlay(layers, at: place, source: source)
        return place
    }
}

private final class Outcome: Sendable {
    let value = Mutex<Result<SharedFD, SyscallError>?>(nil)
}
