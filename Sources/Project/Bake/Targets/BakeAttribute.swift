/// The attributes of a target, in the order in which buildx prints them. Bake file reference.
package enum BakeAttribute: String, CaseIterable, Hashable, Sendable {
    case inherits
    case description
    case annotations
    case attest
    case context
    case contexts
    case dockerfile
    case dockerfileInline = "dockerfile-inline"
    case args
    case labels
    case tags
    case cacheFrom = "cache-from"
    case cacheTo = "cache-to"
    case target
    case secret
    case ssh
    case platforms
    case output
    case pull
    case noCache = "no-cache"
    case network
    case noCacheFilter = "no-cache-filter"
    case shmSize = "shm-size"
    case ulimits
    case call
    case entitlements
    case extraHosts = "extra-hosts"

    /// What its value is made of.
    enum Form {
        case text, flag, texts, map
        /// Lists of `key=value,key=value`.
        case options
    }

    var form: Form {
        switch self {
        case .description, .context, .dockerfile, .dockerfileInline, .target, .network, .shmSize,
            .call:
            .text
        case .pull, .noCache: .flag
        case .contexts, .args, .labels, .extraHosts: .map
        case .attest, .cacheFrom, .secret, .ssh, .cacheTo, .output: .options
        case .inherits, .annotations, .tags, .platforms, .noCacheFilter, .ulimits, .entitlements:
            .texts
        }
    }

    /// Whether a later list is added to an earlier one instead of taking its place.
    var accumulates: Bool {
        switch self {
        case .annotations, .attest, .cacheFrom, .secret, .ssh, .ulimits, .entitlements, .inherits:
            true
        default: false
        }
    }

    /// By its name in a file; `--set` has other spellings of some.
    init?(written name: String) {
        switch name {
        case "secrets": self = .secret
        case "platform": self = .platforms
        case "outputs": self = .output
        default: self.init(rawValue: name)
        }
    }
}

/// The value of an attribute of a target.
package enum BakeField: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case texts([String])
    case map([String: String])
    case options([BakeOptions])
}

/// One item of `output`, `cache-from` and the like: `type=registry,ref=…` by key.
package struct BakeOptions: Hashable, Sendable {
    /// By key; none is there twice.
    package var values: [String: String]

    /// Takes them as they are.
    package init(_ values: [String: String]) { self.values = values }

    /// As the flag of the same meaning takes them, the type first.
    package var flag: String {
        let first = ["type", "id"].compactMap { key in values[key].map { (key, $0) } }
        let rest = values.sorted { $0.key < $1.key }.filter { $0.key != "type" && $0.key != "id" }
        return (first + rest.map { ($0.key, $0.value) }).map { "\($0.0)=\($0.1)" }
            .joined(separator: ",")
    }

    /// Reads the short forms of an attribute, too: `user/app:cache`, `out`, `default`.
    init(parsing text: String, of attribute: BakeAttribute) throws(BakeOptions.Invalid) {
        if !text.contains(",") {
            switch attribute {
            case .cacheFrom where !text.contains("="), .cacheTo where !text.contains("="):
                self.init(["type": "registry", "ref": text])
                return
            case .output where !text.hasPrefix("type="):
                self.init(
                    text == "-" ? ["type": "tar", "dest": "-"] : ["type": "local", "dest": text]
                )
                return
            case .ssh:
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                self.init(parts.count == 2 ? ["id": parts[0], "paths": parts[1]] : ["id": text])
                return
            default: break
            }
        }
        var values: [String: String] = [:]
        for field in text.split(separator: ",") {
            guard let equals = field.firstIndex(of: "="), equals != field.startIndex else {
                throw Invalid(field: String(field))
            }
            let key = field[..<equals].lowercased().filter { $0 != " " }
            values[Self.spelling(of: key, attribute)] = String(field[field.index(after: equals)...])
        }
        self.init(values)
    }

    /// `source` is `src` of a secret.
    private static func spelling(of key: String, _ attribute: BakeAttribute) -> String {
        attribute == .secret && key == "source" ? "src" : key
    }

    /// A part that is no `key=value`.
    struct Invalid: Error {
        var field: String
    }
}
