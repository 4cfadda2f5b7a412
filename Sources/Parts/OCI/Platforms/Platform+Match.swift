extension Platform {
    /// Whether another platform's images are this platform's own, older levels not counted.
    package func isSame(as candidate: Platform) -> Bool {
        let (wanted, offered) = (normalized, candidate.normalized)
        return wanted.os == offered.os && wanted.architecture == offered.architecture
            && wanted.variant == offered.variant && accepts(system: offered)
    }

    /// Whether its programs are made for the system that we are made for; an image that does not say
    /// is taken to be.
    package var hasOurSystem: Bool { os.isEmpty || normalized.os == Platform.host.os }

    /// How well a machine of this platform runs an image of another: 0 is best, nil is not at all.
    /// Older levels of the same family count, as does 386 on amd64.
    package func rank(of candidate: Platform) -> Int? {
        let offered = candidate.normalized
        guard accepts(system: offered) else { return nil }
        return compatible.firstIndex {
            $0.architecture == offered.architecture && $0.variant == offered.variant
        }
    }

    private func accepts(system candidate: Platform) -> Bool {
        let wanted = normalized
        guard wanted.os == candidate.os,
            Set(candidate.osFeatures).isSubset(of: wanted.osFeatures)
        else { return false }
        guard let version = wanted.osVersion, let other = candidate.osVersion else { return true }
        // Windows: an image runs on the build it was made for, whatever its revision.
        return version.split(separator: ".").prefix(3) == other.split(separator: ".").prefix(3)
    }

    /// This platform and the ones whose programs it runs, best first.
    private var compatible: [Platform] {
        let this = normalized
        func levels(_ architecture: String, _ variants: [String?]) -> [Platform] {
            variants.map { Platform(os: this.os, architecture: architecture, variant: $0) }
        }
        switch this.architecture {
        case "amd64":
            let level = this.variant.flatMap { Int($0.dropFirst()) } ?? 1
            let variants: [String?] = (1...max(level, 1)).reversed().map {
                $0 == 1 ? nil : "v\($0)"
            }
            return levels("amd64", variants) + levels("386", [nil])
        case "arm":
            let level = this.variant.flatMap { Int($0.dropFirst()) } ?? 7
            return levels(
                "arm",
                level < 5 ? [this.variant] : (5...level).reversed().map { "v\($0)" }
            )
        case "arm64":
            return levels("arm64", Self.arm64Levels(upTo: this.variant ?? "v8"))
                + levels("arm", ["v8", "v7", "v6", "v5"])
        default:
            return [this]
        }
    }

    /// Armv9.N includes Armv8.(N+5); Armv8 ends at 8.9.
    private static func arm64Levels(upTo variant: String) -> [String?] {
        let numbers = variant.dropFirst().split(separator: ".").map { Int($0) }
        let minor = numbers.count > 1 ? numbers[1] : 0
        guard let major = numbers.first ?? nil, let minor, (0...99).contains(minor) else {
            return [variant]
        }
        let eights: (Int) -> [String?] = { top in
            (0...min(top, 9)).reversed().map { $0 == 0 ? nil : "v8.\($0)" }
        }
        switch major {
        case 8: return eights(minor)
        case 9:
            return (0...minor).reversed().map { $0 == 0 ? "v9" : "v9.\($0)" } + eights(minor + 5)
        default: return [variant]
        }
    }
}
