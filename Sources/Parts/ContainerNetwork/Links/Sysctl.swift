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

    /// Sets a parameter of a link, by docker's name: `net.ipv4.conf.IFNAME.log_martians`.
    static func set(
        _ name: String,
        of link: String,
        to value: String
    ) throws(NetworkError) {
        let action = "set \(name.replacing("IFNAME", with: link)) to \(value)"
        // A link's name may have dots, and no slash.
        let parts = name.split(separator: ".").dropFirst().map {
            $0 == "IFNAME" ? link : String($0)
        }
        do throws(SyscallError) {
            let fd = try openFile(path(parts.joined(separator: "/")), O_WRONLY)
            try fd.writeAll(Array(value.utf8))
        } catch  where error.errno == ENOENT {
            throw NetworkError(action: action, reason: "the kernel has no such parameter of a link")
        } catch { throw NetworkError(action: action, error) }
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
