/// What an image runs on. OCI image-spec, image-index.md; specifiers as containerd/platforms reads
/// them.
package struct Platform: Hashable, Sendable {
    package var os: String
    package var architecture: String
    /// `v7` of `linux/arm/v7`; nil for the architecture's base level.
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String]

    package init(
        os: String,
        architecture: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String] = []
    ) {
        self.os = os
        self.architecture = architecture
        self.variant = variant.flatMap { $0.isEmpty ? nil : $0 }
        self.osVersion = osVersion.flatMap { $0.isEmpty ? nil : $0 }
        self.osFeatures = osFeatures
    }

    #if arch(arm64)
        /// This machine's.
        package static let host = Platform(os: "linux", architecture: "arm64", variant: "v8")
    #else
        /// This machine's.
        package static let host = Platform(os: "linux", architecture: "amd64")
    #endif

    /// With the usual other names replaced: `x86_64` is `amd64`, `armhf` is `arm/v7`.
    package var normalized: Platform {
        var result = self
        result.os = Self.normalize(os: os)
        (result.architecture, result.variant) = Self.normalize(
            architecture: architecture,
            variant: variant ?? ""
        )
        result.osFeatures.sort()
        return result
    }

    /// The value of a platform that no machine has: attestations are stored under it.
    package var isUnknown: Bool { os == "unknown" && architecture == "unknown" }
}

extension Platform {
    /// Reads `os[/architecture[/variant]]`, or one word that is either; the rest comes from `base`.
    package init(_ specifier: String, base: Platform = .host) throws(OCIError) {
        func invalid(_ reason: String) -> OCIError {
            OCIError(subject: specifier, .invalidPlatform(reason))
        }
        let parts = specifier.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 3 else { throw invalid("want os[/architecture[/variant]]") }
        let (system, version, features) = try Self.splitOptions(parts[0], of: specifier)
        let words = [system] + parts.dropFirst()
        guard words.allSatisfy(Self.isComponent) else {
            throw invalid("a part has to be of letters, digits, \"_\", \".\" and \"-\"")
        }
        self.init(
            os: Self.normalize(os: String(system)),
            architecture: base.architecture,
            variant: base.variant,
            osVersion: version,
            osFeatures: features
        )
        switch parts.count {
        case 1:
            guard !Self.systems.contains(os) else { return }
            let (known, level) = Self.normalize(architecture: String(system), variant: "")
            guard Self.architectures.contains(known) else {
                throw invalid("neither an operating system nor an architecture that is known")
            }
            os = base.os
            (architecture, variant) = (known, Self.written(known, level))
        case 2:
            let (known, level) = Self.normalize(architecture: String(parts[1]), variant: "")
            (architecture, variant) = (known, Self.written(known, level))
        default:
            (architecture, variant) = Self.normalize(
                architecture: String(parts[1]),
                variant: String(parts[2])
            )
            if architecture == "arm64", variant == nil { variant = "v8" }
        }
    }

    /// `linux/arm` stays what it was written as; only matching knows it to be v7.
    private static func written(_ architecture: String, _ variant: String?) -> String? {
        architecture == "arm" && variant == "v7" ? nil : variant
    }

    /// Takes `(version+feature+…)` off the name of an operating system.
    private static func splitOptions(
        _ text: Substring,
        of specifier: String
    ) throws(OCIError) -> (system: Substring, version: String?, features: [String]) {
        guard let open = text.firstIndex(of: "(") else { return (text, nil, []) }
        guard text.last == ")" else {
            throw OCIError(subject: specifier, .invalidPlatform("missing \")\""))
        }
        let inside = text[text.index(after: open)...].dropLast()
        var words: [String] = []
        for word in inside.split(separator: "+", omittingEmptySubsequences: false) {
            guard let plain = percentDecoded(word) else {
                throw OCIError(subject: specifier, .invalidPlatform("malformed \"%\" escape"))
            }
            words.append(plain)
        }
        return (text[..<open], words.first, words.dropFirst().filter { !$0.isEmpty })
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isComponent(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, 45, 46, 95: true
                default: false
                }
            }
    }

    private static func normalize(os: String) -> String {
        let lower = os.lowercased()
        return lower == "macos" ? "darwin" : lower
    }

    private static func normalize(
        architecture: String,
        variant: String
    ) -> (architecture: String, variant: String?) {
        let level = variant.lowercased()
        switch architecture.lowercased() {
        case "i386", "i486", "i586", "i686", "386": return ("386", nil)
        case "x86_64", "x86-64", "amd64":
            return ("amd64", level.isEmpty || level == "v1" ? nil : level)
        case "aarch64", "arm64":
            switch level {
            case "", "8", "v8", "v8.0": return ("arm64", nil)
            case "9", "v9.0": return ("arm64", "v9")
            default: return ("arm64", level)
            }
        case "armhf": return ("arm", "v7")
        case "armel": return ("arm", "v6")
        case "arm":
            if level.isEmpty { return ("arm", "v7") }
            return ("arm", level.first == "v" ? level : "v\(level)")
        case let other: return (other, level.isEmpty ? nil : level)
        }
    }

    private static let systems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux",
        "nacl", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
    ]

    private static let architectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
        "ppc64le", "riscv64", "s390x", "wasm",
    ]
}

extension Platform: CustomStringConvertible {
    /// `linux/arm64/v8`, with `(version+features)` after the system when there are any.
    package var description: String {
        var options = ([osVersion ?? ""] + osFeatures.sorted()).map { word in
            word.replacing("%", with: "%25").replacing("+", with: "%2B")
                .replacing("(", with: "%28").replacing(")", with: "%29").replacing("/", with: "%2F")
        }.joined(separator: "+")
        if !options.isEmpty { options = "(\(options))" }
        return "\(os)\(options)/\(architecture)" + (variant.map { "/\($0)" } ?? "")
    }
}

extension Platform: Codable {
    private enum CodingKeys: String, CodingKey {
        case os, architecture, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            os: try container.decode(String.self, forKey: .os),
            architecture: try container.decode(String.self, forKey: .architecture),
            variant: try container.decodeIfPresent(String.self, forKey: .variant),
            osVersion: try container.decodeIfPresent(String.self, forKey: .osVersion),
            osFeatures: try container.decodeIfPresent([String].self, forKey: .osFeatures) ?? []
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(os, forKey: .os)
        try container.encode(architecture, forKey: .architecture)
        try container.encodeIfPresent(variant, forKey: .variant)
        try container.encodeIfPresent(osVersion, forKey: .osVersion)
        if !osFeatures.isEmpty { try container.encode(osFeatures, forKey: .osFeatures) }
    }
}
