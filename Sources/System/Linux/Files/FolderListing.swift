import CLinux
import Glibc

/// A name in a folder, and whether a folder has it.
package struct FolderEntry: Hashable, Sendable {
    /// As the folder has it.
    package var name: String
    /// A folder itself: a link to one is none.
    package var isFolder: Bool
}

/// The entries of a folder of ours but `.` and `..`, in no order.
package func listFolder(_ path: String) throws(SyscallError) -> [FolderEntry] {
    guard let stream = opendir(path) else {
        throw SyscallError(call: "opendir", subject: path, errno: errno)
    }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while true {
        errno = 0
        guard let entry = readdir(stream) else {
            let code = errno
            if code == 0 { return entries }
            throw SyscallError(call: "readdir", subject: path, errno: code)
        }
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        var isFolder = Int(entry.pointee.d_type) == Int(DT_DIR)
        if Int(entry.pointee.d_type) == Int(DT_UNKNOWN) {
            var status = stat()
            let result = lstat("\(path)/\(name)", &status)
            isFolder = result == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
        entries.append(FolderEntry(name: name, isFolder: isFolder))
    }
}

/// Everything below a folder, or the path itself where it is none, but what is in folders for which
/// `skips` is true. Links are not followed.
package func listTree(
    _ top: String,
    skipping skips: (String) -> Bool = { _ in false }
) throws(SyscallError) -> [String] {
    var status = stat()
    guard stat(top, &status) == 0 else { return [] }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [top] }
    var found = [top]
    var open = [top]
    while let path = open.popLast() {
        for entry in try listFolder(path) {
            let child = path == "/" ? "/" + entry.name : "\(path)/\(entry.name)"
            found.append(child)
            if entry.isFolder, !skips(child) { open.append(child) }
        }
    }
    return found
}
