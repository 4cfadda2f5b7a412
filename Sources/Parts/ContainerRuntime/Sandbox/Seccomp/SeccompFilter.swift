import Synchronization

/// A compiled filter, ready for seccomp(2).
package struct SeccompFilter: Hashable, Sendable {
    /// The kernel's `struct sock_filter`s, each in its eight bytes.
    package let instructions: [UInt64]

    /// The filter of a container; nil for none. Compiling takes milliseconds, so the last ones are
    /// remembered.
    ///
    /// - Throws: `RuntimeError` without a container's name, for a profile that cannot be used.
    package static func compiled(
        _ choice: SecuritySpec.Seccomp,
        capabilities: [String]
    ) throws(RuntimeError) -> SeccompFilter? {
        let json: String
        switch choice {
        case .unconfined: return nil
        case .dockerDefault: json = SeccompProfile.mobyDefault
        case .profile(let text): json = text
        }
        let key = CacheKey(choice: choice, capabilities: Set(capabilities))
        if let filter = cache.withLock({ $0[key] }) { return filter }
        let circumstances = SeccompPolicy.Circumstances(
            architecture: hostArchitecture,
            capabilities: Set(capabilities),
            kernel: .running
        )
        let policy = try SeccompPolicy(SeccompProfile(json: json), in: circumstances)
        let filter = try SeccompCompiler.compile(policy)
        cache.withLock { cache in
            if cache.count >= cacheLimit { cache.removeAll() }
            cache[key] = filter
        }
        return filter
    }

    private struct CacheKey: Hashable {
        var choice: SecuritySpec.Seccomp
        var capabilities: Set<String>
    }

    private static let cacheLimit = 16
    private static let cache = Mutex<[CacheKey: SeccompFilter]>([:])
}

/// In Go's words, which profiles use.
private var hostArchitecture: String {
    #if arch(x86_64)
        "amd64"
    #elseif arch(arm64)
        "arm64"
    #elseif arch(riscv64)
        "riscv64"
    #elseif arch(s390x)
        "s390x"
    #elseif arch(powerpc64le)
        "ppc64le"
    #else
        "unknown"
    #endif
}
