import OCI

/// What `berth image bootstrap` is to make: a distribution's suite, and from where.
struct BootstrapRecipe: Equatable {
    var distribution: Distribution
    var suite: String
    /// Without a slash at the end.
    var mirror: String
    var variant = "minbase"
    var include: [String] = []
    /// dpkg's word.
    var architecture: String
    var components: [String]
    var keyring: String

    /// A distribution whose packages debootstrap and mmdebstrap know.
    enum Distribution: String, CaseIterable {
        case debian, ubuntu

        /// Where its packages are when neither the user nor this machine says.
        func mirror(for architecture: String) -> String {
            switch self {
            case .debian: "http://deb.debian.org/debian"
            case .ubuntu:
                ["amd64", "i386"].contains(architecture)
                    ? "http://archive.ubuntu.com/ubuntu" : "http://ports.ubuntu.com/ubuntu-ports"
            }
        }

        var keyring: String { "/usr/share/keyrings/\(rawValue)-archive-keyring.gpg" }
        /// What to install where the keyring is missing.
        var keyringPackage: String {
            self == .debian
                ? "debian-archive-keyring" : "ubuntu-archive-keyring (or ubuntu-keyring)"
        }
        var components: [String] { self == .debian ? ["main"] : ["main", "universe"] }
    }

    /// Suites besides the main one that a mirror may have: what was fixed since the release.
    var updates: [(mirror: String, suite: String)] {
        switch distribution {
        case .debian:
            let base = mirror.hasSuffix("/debian") ? mirror : nil
            return [(mirror, "\(suite)-updates")]
                + (base.map { [("\($0)-security", "\(suite)-security")] } ?? [])
        case .ubuntu: return [(mirror, "\(suite)-updates"), (mirror, "\(suite)-security")]
        }
    }

    /// `deb` lines for the suites that are there.
    func sources(_ found: [(mirror: String, suite: String)]) -> [String] {
        ([(mirror, suite)] + found).map {
            "deb \($0) \($1) \(components.joined(separator: " "))"
        }
    }

    /// The name `debian:bookworm` taken apart.
    static func parse(_ text: String) throws -> (Distribution, suite: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let distribution = Distribution(rawValue: String(parts[0])) else {
            let known = Distribution.allCases.map(\.rawValue).joined(separator: " and ")
            throw Failure(
                "cannot bootstrap \(text): \(known) are known; write debian:bookworm, ubuntu:noble"
            )
        }
        guard parts.count == 2, isSuite(parts[1]) else {
            throw Failure("cannot bootstrap \(text): name the suite, as in debian:bookworm")
        }
        return (distribution, String(parts[1]))
    }

    /// What may become an argument of the tool: no option, no path.
    private static func isSuite(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count < 64 else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 97...122, 48...57, 45, 46: true
            default: false
            }
        }
    }

    /// dpkg's word for what an image runs on.
    private static let architectures: [(dpkg: String, platform: Platform)] = [
        ("amd64", Platform(os: "linux", architecture: "amd64")),
        ("i386", Platform(os: "linux", architecture: "386")),
        ("arm64", Platform(os: "linux", architecture: "arm64", variant: "v8")),
        ("armhf", Platform(os: "linux", architecture: "arm", variant: "v7")),
        ("armel", Platform(os: "linux", architecture: "arm", variant: "v5")),
        ("ppc64el", Platform(os: "linux", architecture: "ppc64le")),
        ("riscv64", Platform(os: "linux", architecture: "riscv64")),
        ("s390x", Platform(os: "linux", architecture: "s390x")),
    ]

    /// Takes dpkg's word or an image's (`armhf`, `linux/arm/v7`, `arm64`).
    static func architecture(_ text: String?) throws -> (dpkg: String, platform: Platform) {
        if let known = architectures.first(where: { $0.dpkg == text }) { return known }
        // Words that are no platform are not known either.
        let wanted = text.map { try? Platform($0) } ?? .host
        guard
            let wanted,
            let known = architectures.first(where: {
                $0.platform.architecture == wanted.architecture
                    && ($0.platform.variant == wanted.variant || wanted.variant == nil)
            })
        else {
            let names = architectures.map(\.dpkg).joined(separator: ", ")
            throw Failure("--arch takes one of \(names), not \(text ?? "this machine's")")
        }
        return known
    }
}
