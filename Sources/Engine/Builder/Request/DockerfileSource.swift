import Glibc
import Linux
import SystemPackage

/// The text of a build's Dockerfile, and where it was.
struct DockerfileSource: Sendable {
    var text: String
    /// As messages call it.
    var name: String
    /// nil where it stands in a compose file or came on standard input.
    var path: FilePath?

    /// Most bytes of one.
    private static let limit = 16 << 20

    /// Reads it.
    init(of request: BuildRequest) throws {
        switch request.dockerfile {
        case .inline(let text):
            self.text = text
            name = "dockerfile_inline"
        case .alone(let text):
            self.text = text
            name = "Dockerfile"
        case .address(let address):
            preconditionFailure("\(address) is fetched before it is read")
        case .path(let path):
            let (bytes, found) =
                if request.isContextFetched, let folder = request.context {
                    try Self.read(path, fetched: folder)
                } else {
                    try Self.read(path, context: request.context)
                }
            text = String(decoding: bytes, as: UTF8.self)
            name = found.lastComponent?.string ?? "Dockerfile"
            self.path = found
        }
    }

    /// - Throws: `DockerfileError` with everything that is wrong.
    func parse(_ request: BuildRequest) throws(DockerfileError) -> Dockerfile {
        let ignoresSyntax = request.arguments["BUILDKIT_SYNTAX"] == "dockerfile.v0"
        do {
            return try Dockerfile(parsing: text, name: name, ignoresSyntax: ignoresSyntax)
        } catch {
            throw error.showing(text)
        }
    }

    /// A plain `Dockerfile` that is missing may be spelt in lower case.
    private static func read(
        _ path: FilePath,
        context: FilePath?
    ) throws -> ([UInt8], FilePath) {
        let full = context.map { $0.pushing(path) } ?? path
        do throws(SyscallError) {
            return (try readRegularFile(full, limit: limit), full)
        } catch {
            if error.errno == ENOENT, path == "Dockerfile" {
                let lower = full.removingLastComponent().appending("dockerfile")
                // That it is missing too is what the error below says.
                if let bytes = try? readRegularFile(lower, limit: limit) { return (bytes, lower) }
            }
            throw BuildError(
                file: full.string,
                message: "failed to read dockerfile: \(error.reasonForFile)"
            )
        }
    }

    /// The same in a context that was fetched: no link in it leads out.
    private static func read(
        _ path: FilePath,
        fetched folder: FilePath
    ) throws -> ([UInt8], FilePath) {
        let spellings: [FilePath] = path == "Dockerfile" ? [path, "dockerfile"] : [path]
        do throws(SyscallError) {
            let root = try Root(folder)
            for spelling in spellings {
                if let bytes = try root.readFile(spelling, limit: limit) {
                    return (bytes, spelling)
                }
            }
        } catch {
            throw BuildError(
                file: path.string,
                message: "failed to read dockerfile: \(error.reasonForFile)"
            )
        }
        throw BuildError(
            file: path.string,
            message: "failed to read dockerfile: open \(path): no such file or directory "
                + "in the build context"
        )
    }
}
