import CLinux
import Glibc
package import SystemPackage

/// How much the files below a folder hold.
package enum FolderSize {
    /// Bytes of a file, or of what is below a folder; 0 when there is neither.
    package static func bytes(of path: FilePath) -> Int64 {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return 0 }
        return status.st_mode & S_IFMT == S_IFDIR ? bytes(below: path) : Int64(status.st_size)
    }

    /// Bytes of everything but directories, each counted once however many names it has: what
    /// Docker means by the size of a layer or a volume. What vanishes or cannot be read meanwhile
    /// counts as nothing; symbolic links are not followed, and file systems mounted below are left
    /// out.
    package static func bytes(below folder: FilePath) -> Int64 {
        var total: Int64 = 0
        var seen: Set<ino_t> = []
        var device: dev_t?
        var pending = [folder]
        while let path = pending.popLast() {
            // A container that runs may take a folder away while it is counted.
            guard let directory = try? openFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
                let names = try? directory.entryNames()
            else { continue }
            for name in names {
                var status = stat()
                let child = path.appending(name)
                guard child.withPlatformString({ lstat($0, &status) }) == 0 else { continue }
                if device == nil { device = status.st_dev }
                guard status.st_dev == device else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: pending.append(child)
                case S_IFREG, S_IFLNK:
                    guard status.st_nlink == 1 || seen.insert(status.st_ino).inserted else {
                        continue
                    }
                    total += Int64(status.st_size)
                default: continue
                }
            }
        }
        return total
    }
}
