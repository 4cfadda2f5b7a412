import Glibc
import Linux
package import SystemPackage

extension IgnoreRules {
    /// The rules of a build context: those beside the Dockerfile, whose path is nil when it is inline,
    /// or else those in the context; nil where neither is. Both are in the context where it
    /// `isFetched`.
    package init?(ofContext folder: FilePath, dockerfile: FilePath?, isFetched: Bool = false) throws
    {
        if let dockerfile {
            let beside = FilePath(dockerfile.string + ".dockerignore")
            if let rules = try IgnoreRules(at: beside, below: isFetched ? folder : nil) {
                self = rules
                return
            }
        }
        guard let rules = try IgnoreRules(at: ".dockerignore", below: folder) else { return nil }
        self = rules
    }

    /// nil when there is no such file. What lies below a folder is not looked for outside of it, where
    /// a link in it may lead.
    init?(at path: FilePath, below folder: FilePath? = nil) throws {
        let limit = 16 << 20
        let shown = folder.map { $0.pushing(path) } ?? path
        let bytes: [UInt8]
        do throws(SyscallError) {
            if let folder {
                guard let found = try Root(folder).readFile(path, limit: limit) else { return nil }
                bytes = found
            } else {
                bytes = try readRegularFile(path, limit: limit)
            }
        } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
            throw ViewError("\(shown): \(error.reasonForFile)")
        }
        do throws(PathPatternError) {
            self = try IgnoreRules(parsing: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ViewError("\(shown)\(error.line.map { ":\($0)" } ?? ""): \(error)")
        }
    }
}
