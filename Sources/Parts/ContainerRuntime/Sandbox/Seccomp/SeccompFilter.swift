import Synchronization
package import SystemPackage

/// A compiled filter, ready for seccomp(2).
package struct SeccompFilter: Hashable, Sendable {
    /// The kernel's `struct sock_filter`s, each in its eight bytes.
    package let instructions: [UInt64]

    /// The filter of a container; nil for none. The last ones are remembered, in memory and, where
    /// a folder of ours is given, on disk.
    ///
    /// - Throws: `RuntimeError` without a container's name, for a profile that cannot be used.
    package static func compiled(
        _ choice: SecuritySpec.Seccomp,
        capabilities: [String],
        cache folder: FilePath? = nil
    ) throws(RuntimeError) -> SeccompFilter? {
        let json: String
        switch choice {
        case .unconfined: return nil
        case .dockerDefault: json = SeccompProfile.mobyDefault
        case .profile(let text): json = text
        }
        let key = MemoryKey(choice: choice, capabilities: Set(capabilities))
        if let filter = memory.withLock({ $0[key] }) { return filter }
        let circumstances = SeccompPolicy.Circumstances(
            architecture: hostArchitecture,
            capabilities: Set(capabilities),
            kernel: .running
        )
        let disk = folder.map { SeccompFilterCache(folder: $0) }
        let name = SeccompFilterCache.key(json: json, circumstances)
        let filter: SeccompFilter
        if let found = disk?.find(name) {
            filter = found
        } else {
            let policy = try SeccompPolicy(SeccompProfile(json: json), in: circumstances)
            filter = try SeccompCompiler.compile(policy)
            disk?.store(filter, name)
        }
        memory.withLock { memory in
            if memory.count >= memoryLimit { memory.removeAll() }
            memory[key] = filter
        }
        return filter
    }

    private struct MemoryKey: Hashable {
        var choice: SecuritySpec.Seccomp
        var capabilities: Set<String>
    }

    private static let memoryLimit = 16
    private static let memory = Mutex<[MemoryKey: SeccompFilter]>([:])
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
