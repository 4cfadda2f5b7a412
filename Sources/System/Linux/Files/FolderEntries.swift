import CLinux
import Glibc
package import SystemPackage

/// The names in a folder of ours but `.` and `..`, in no order; none when there is no such folder.
package func folderEntries(_ path: FilePath) throws(SyscallError) -> [String] {
    guard let stream = path.withPlatformString({ opendir($0) }) else {
        let code = errno
        if code == ENOENT { return [] }
        throw SyscallError(call: "opendir", subject: path.string, errno: code)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
        errno = 0
        guard let entry = readdir(stream) else {
            let code = errno
            if code == 0 { return names }
            throw SyscallError(call: "readdir", subject: path.string, errno: code)
        }
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
}
