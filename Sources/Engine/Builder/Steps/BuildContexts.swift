import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage

/// The folders that a build copies from, opened once, with their ignore rules and what is known
/// about their files.
final class BuildContexts: Sendable {
    private struct Context {
        var view: LayeredTree
        var ignored: IgnoreRules
        let reads = ReadPaths()
    }

    private let main: Context?
    private let named: [String: Context]
    private let digests: Mutex<FileDigests>

    /// Opens them all. The rules of the build context may stand beside the Dockerfile, whose path
    /// is nil when it is inline.
    init(_ request: BuildRequest, dockerfile: FilePath?, digests: FileDigests) throws {
        main = try request.context.map { folder in
            let ignored = try IgnoreRules(
                ofContext: folder,
                dockerfile: dockerfile,
                isFetched: request.isContextFetched
            )
            return try Self.open(folder, "the build context", ignored)
        }
        var named: [String: Context] = [:]
        for case (let name, .directory(let folder)) in request.namedContexts {
            let ignored = try IgnoreRules(at: ".dockerignore", below: folder)
            named[name] = try Self.open(folder, "context \(name)", ignored)
        }
        self.named = named
        self.digests = Mutex(digests)
    }

    private static func open(
        _ folder: FilePath,
        _ name: String,
        _ ignored: IgnoreRules?
    ) throws -> Context {
        do throws(SyscallError) {
            let view = try LayeredTree(folder: folder, name: name)
            return Context(view: view, ignored: ignored ?? IgnoreRules())
        } catch {
            throw ViewError("cannot read \(name), \(folder): \(error.reason)")
        }
    }

    /// The rules of the build context; nil where there is none.
    var mainRules: IgnoreRules? { main?.ignored }

    /// What was read so far, by the names of contexts; the build's own has none.
    var covered: [String: CoveredPaths] {
        var covered = named.mapValues { $0.reads.covered }
        covered[""] = main?.reads.covered
        return covered
    }

    /// A context by its name; nil is the build context.
    func origin(_ name: String?) throws -> BuildSession.CopyOrigin {
        guard let context = name.map({ named[$0] }) ?? main else {
            throw ViewError("this build has no context to copy from")
        }
        return BuildSession.CopyOrigin(
            view: context.view,
            ignored: context.ignored,
            isContext: true,
            chain: nil,
            reads: context.reads
        )
    }

    /// Digests files of a context; what is learnt is kept for the next build.
    func digest(
        _ selections: [CopySelection],
        in view: LayeredTree
    ) throws -> CopyDigest.Listed {
        var mine = digests.withLock { $0 }
        let digest = try CopyDigest.listed(selections, in: view, forcesRoot: true, digests: &mine)
        let learnt = mine
        digests.withLock { $0.learn(from: learnt) }
        return digest
    }

    /// Writes down what was learnt about the files.
    func save() throws { try digests.withLock { $0 }.save() }
}
