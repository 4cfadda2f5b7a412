import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// A container that runs can change its files while they are archived.
@Suite(
    "Archiving a folder that changes",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(1))
)
struct ChangingFolderTests {
    enum Kind: CaseIterable { case fifo, device, link, socket, folder }

    @Test(
        "does not open what took the place of a file after it was listed",
        arguments: Kind.allCases
    )
    func fileSwapped(kind: Kind) throws {
        let scratch = try Scratch()
        let folder = scratch.path.appending("upper")
        try makeDirectories(folder)
        try atomicWrite([UInt8](repeating: 1, count: 1 << 20), to: folder.appending("a"))
        let victim = folder.appending("b")
        try atomicWrite([2], to: victim)
        var (isSwapped, written) = (false, 0)
        // The folder was listed when the first file's content arrives.
        var archive = LayerArchive(subject: "test") { bytes in
            written += bytes.count
            guard written > 4096, !isSwapped else { return }
            isSwapped = true
            unlink(victim.string)
            try Self.make(kind, at: victim)
        }
        let directory = SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
        let error = #expect(throws: SyscallError.self) { try archive.write(directory) }
        #expect(isSwapped)
        #expect(error?.errno == EINVAL)
    }

    @Test(
        "does not follow what took the place of a folder",
        arguments: [Kind.fifo, .device, .link]
    )
    func folderSwapped(kind: Kind) throws {
        let scratch = try Scratch()
        let folder = scratch.path.appending("upper")
        let victim = folder.appending("b")
        try makeDirectories(victim)
        try atomicWrite([UInt8](repeating: 1, count: 1 << 20), to: folder.appending("a"))
        var (isSwapped, written) = (false, 0)
        var archive = LayerArchive(subject: "test") { bytes in
            written += bytes.count
            guard written > 4096, !isSwapped else { return }
            isSwapped = true
            rmdir(victim.string)
            try Self.make(kind, at: victim)
        }
        let directory = SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
        let error = #expect(throws: SyscallError.self) { try archive.write(directory) }
        #expect(isSwapped)
        #expect(error?.errno == ENOTDIR)
    }

    private static func make(_ kind: Kind, at path: FilePath) throws {
        switch kind {
        case .fifo: try #require(mkfifo(path.string, 0o600) == 0)
        // No driver has it: opening would give another error than looking.
        case .device: try #require(mknod(path.string, S_IFCHR, dev_t(250 << 8 | 250)) == 0)
        case .link: try #require(symlink("/etc", path.string) == 0)
        case .socket: try #require(mknod(path.string, S_IFSOCK | 0o600, 0) == 0)
        case .folder: try makeDirectories(path)
        }
    }
}
