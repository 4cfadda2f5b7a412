import ContainerRuntime
import Glibc
import Linux
import SystemPackage

extension Engine {
    /// Deletes a folder of ours: one rename makes it invisible, then it is taken apart. A crash
    /// between the two leaves it in the trash, which recovery empties. A missing one is fine.
    func discard(_ folder: FilePath) throws {
        // A random name: two processes may discard the same folder name one after the other.
        let grave = layout.trash.appending(ContainerID.random().text)
        try Self.move(folder, to: grave)
        try removeTree(grave)
    }

    /// Renames a folder of ours, as a step of its removal. One that is not there needs no place.
    static func move(_ folder: FilePath, to place: FilePath) throws {
        guard rename(folder.string, place.string) == 0 else {
            let code = errno
            if code == ENOENT { return }
            throw EngineError(
                .state,
                "cannot remove \(folder)",
                because: String(cString: strerror(code))
            )
        }
        CrashPoint.movedToTrash.pass()
    }
}
