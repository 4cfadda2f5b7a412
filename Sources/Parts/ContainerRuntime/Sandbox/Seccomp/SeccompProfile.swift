import FoundationEssentials

/// A seccomp profile in moby's JSON format: conditional rules, before they are held against a
/// container. https://docs.docker.com/engine/security/seccomp/
struct SeccompProfile: Decodable, Sendable {
    var defaultAction: String
    var defaultErrnoRet: UInt32?
    var archMap: [ArchitectureFamily]?
    /// The older form of `archMap`: all architectures in one list.
    var architectures: [String]?
    var flags: [String]?
    var listenerPath: String?
    private var syscalls: [Entry]?

    /// Empty where the default action is all that it says.
    var entries: [Entry] { syscalls ?? [] }

    struct ArchitectureFamily: Decodable, Sendable {
        var architecture: String
        var subArchitectures: [String]?
    }

    struct Entry: Decodable, Sendable {
        private var names: [String]?
        /// The older form of `names`.
        private var name: String?
        var action: String
        var errnoRet: UInt32?
        var args: [Argument]?
        var includes: Condition?
        var excludes: Condition?

        /// The system calls it is about, by either form.
        var calls: [String] { (names ?? []) + (name.map { [$0] } ?? []) }
    }

    struct Argument: Decodable, Hashable, Sendable {
        var index: UInt32
        var value: UInt64
        var valueTwo: UInt64?
        var op: String
    }

    struct Condition: Decodable, Sendable {
        var caps: [String]?
        var arches: [String]?
        var minKernel: String?
    }

    /// A longer text is no profile.
    private static let byteLimit = 1 << 20

    /// Reads the JSON.
    init(json: String) throws(RuntimeError) {
        guard json.utf8.count <= Self.byteLimit else {
            throw Self.error("it is larger than \(Self.byteLimit >> 10) KiB")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
        } catch {
            throw Self.error(Self.words(error))
        }
        if let path = listenerPath, !path.isEmpty {
            throw Self.error("\"listenerPath\" is not supported")
        }
        if let flag = flags?.first { throw Self.error("flag \"\(flag)\" is not supported") }
    }

    /// What of the JSON is not as it should be, and where.
    private static func words(_ error: any Error) -> String {
        func place(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            (path + (last.map { [$0] } ?? [])).reduce("") { place, key in
                key.intValue.map { "\(place)[\($0)]" }
                    ?? (place.isEmpty ? "" : place + ".") + key.stringValue
            }
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath, key)) is missing"
        case .typeMismatch(_, let context): return "\(place(context.codingPath)) is of another type"
        case .valueNotFound(_, let context): return "\(place(context.codingPath)) is null"
        default: return "\(error)"
        }
    }

    static func error(_ why: String) -> RuntimeError {
        RuntimeError(container: "", message: "invalid seccomp profile: \(why)")
    }
}
