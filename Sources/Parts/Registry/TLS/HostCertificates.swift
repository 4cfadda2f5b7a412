import Glibc
import Linux
import SystemPackage

/// What the folders of certificates hold for one registry: `certs.d/HOST[:PORT]/` with `*.crt`
/// (authorities), and pairs `NAME.cert`, `NAME.key` that identify this client to the registry.
struct HostCertificates: Hashable, Sendable {
    /// Files with authorities, PEM.
    var authorities: [FilePath] = []
    /// To be shown one after the other until one is taken.
    var clients: [Pair] = []

    struct Pair: Hashable, Sendable {
        var certificate: FilePath
        var key: FilePath
    }

    /// Reads all folders, and their files in the order of their names, as docker does.
    static func find(
        for authority: Authority,
        in folders: [FilePath]
    ) throws -> HostCertificates {
        var found = HostCertificates()
        for parent in folders {
            let folder = parent.appending(authority.text)
            let names: [String]
            do throws(SyscallError) {
                names = try folderEntries(folder).sorted()
            } catch {
                guard error.errno == ENOENT || error.errno == ENOTDIR else { throw error }
                continue
            }
            found.authorities += names.filter { $0.hasSuffix(".crt") }.map(folder.appending)
            found.clients += try pairs(names, in: folder)
        }
        return found
    }

    private static func pairs(_ names: [String], in folder: FilePath) throws -> [Pair] {
        let certificates = names.filter { $0.hasSuffix(".cert") }
        for name in names where name.hasSuffix(".key") {
            let wanted = "\(name.dropLast(4)).cert"
            guard certificates.contains(wanted) else {
                throw ConfigurationError(
                    folder.string,
                    "missing client certificate \(wanted) for key \(name)"
                )
            }
        }
        for name in certificates where !names.contains("\(name.dropLast(5)).key") {
            throw ConfigurationError(
                folder.string,
                "missing key \(name.dropLast(5)).key for client certificate \(name). "
                    + "CA certificates must use the extension .crt"
            )
        }
        return certificates.map {
            Pair(
                certificate: folder.appending($0),
                key: folder.appending("\($0.dropLast(5)).key")
            )
        }
    }
}
