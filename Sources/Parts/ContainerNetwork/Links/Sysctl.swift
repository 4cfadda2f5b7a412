import Glibc
import Linux
import SystemPackage

/// A kernel setting of the calling thread's network namespace, under `/proc/sys/net`.
enum Sysctl {
    /// Writes a value. Where the kernel has no such setting (no IPv6) there is nothing to set.
    static func write(_ value: String, to name: String) throws(NetworkError) {
        do throws(SyscallError) {
            let fd = try openFile(path(name), O_WRONLY)
            try fd.writeAll(Array(value.utf8))
            CrashPoint.kernelSettingWritten.pass()
        } catch  where error.errno == ENOENT {
            return
        } catch {
            throw NetworkError(action: "set net/\(name) to \(value)", error)
        }
    }

    /// The value without its newline; nil where the kernel has no such setting.
    static func read(_ name: String) throws(NetworkError) -> String? {
        do throws(SyscallError) {
            let bytes = try readFile(path(name), limit: 4096)
            return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        } catch  where error.errno == ENOENT {
            return nil
        } catch {
            throw NetworkError(action: "read net/\(name)", error)
        }
    }

    private static func path(_ name: String) -> FilePath { FilePath("/proc/sys/net/\(name)") }
}
