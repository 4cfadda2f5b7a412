import ContainerRuntime
import DockerViews
import Glibc
import Linux
import OCI
import Registry
import SystemPackage

/// What docker's `config.json` says of commands: the forms of listings, filters for pruning and the
/// keys that detach.
/// Credentials are the registry client's.
struct DockerSettings {
    private let file: FilePath
    private let members: Members

    private struct Members: Decodable {
        var detachKeys: String?
        var imagesFormat: String?
        var psFormat: String?
        var pruneFilters: [String]?
    }

    /// A listing that has a form there.
    enum Listing {
        case images, containers
    }

    init(environment: [String: String] = Machine.environment()) {
        file = CredentialStore(environment: environment).file
        members = Self.members(of: file)
    }

    /// What is in the file. One that cannot be read is a warning, as it is docker's.
    private static func members(of file: FilePath) -> Members {
        do {
            let bytes = try readFile(file, limit: 4 << 20)
            guard !bytes.isEmpty else { return Members() }
            return try OCIJSON.decode(
                Members.self,
                from: bytes,
                limit: 4 << 20,
                subject: file.string
            )
        } catch let error as SyscallError where [ENOENT, ENOTDIR].contains(error.errno) {
            return Members()
        } catch {
            Terminal.line("WARNING: Error loading config file: \(error)", to: .error)
            return Members()
        }
    }

    /// The keys that end an attached session: those of the command line, the file's, or docker's.
    /// - Throws: for keys that there are not.
    func detachKeys(_ given: String?) throws -> DetachKeys {
        let text = given ?? members.detachKeys ?? ""
        if let keys = DetachKeys(text) { return keys }
        let origin = given == nil ? "detachKeys in \(file)" : "--detach-keys"
        throw Failure(
            "\(origin): \(text) is not a sequence of keys; it takes characters and ctrl-<value> "
                + "with a value of a-z, @, [, \\, ], ^ or _, separated by commas"
        )
    }

    /// How a listing is shown that nobody asked a form of, and which member says so; nil when none
    /// does.
    func form(of listing: Listing) -> (text: String, origin: String)? {
        let (name, text) =
            switch listing {
            case .images: ("imagesFormat", members.imagesFormat)
            case .containers: ("psFormat", members.psFormat)
            }
        guard let text, !text.isEmpty else { return nil }
        return (text, "\(name) in \(file)")
    }

    /// The filters of a prune: those of the command line, and the file's. A label that the command
    /// line asks for is not excluded by the file, nor the other way round.
    func pruneFilters(besides given: [String]) -> [String] {
        let opposites = ["label": "label!", "label!": "label"]
        let more = (members.pruneFilters ?? []).filter { filter in
            let parts = filter.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts.count == 2 else { return false }
            guard let opposite = opposites[String(parts[0])] else { return true }
            return !given.contains("\(opposite)=\(parts[1])")
        }
        return given + more.filter { !given.contains($0) }
    }
}

/// The form that a listing is shown in.
struct ListingForm {
    let text: String
    /// Where it is written if it was not asked for; nil otherwise.
    private let origin: String?

    /// What was asked for; when nothing was, what docker's settings say of the listing, unless only
    /// identifiers are wanted.
    init(asked: String, _ listing: DockerSettings.Listing, isQuiet: Bool) {
        let form = asked.isEmpty && !isQuiet ? DockerSettings().form(of: listing) : nil
        text = form?.text ?? asked
        origin = form?.origin
    }

    /// Does what may fail because of the form, and says in which file it is then.
    func telling(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DockerViewsError {
            guard let origin else { throw error }
            throw Failure("\(origin): \(error)")
        }
    }
}
