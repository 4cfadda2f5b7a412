import Glibc
import Linux
import SystemPackage

extension ResourceLimits {
    /// Limits that this machine cannot have; what no machine can have is found with the file.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    func checkProcessors() throws(RuntimeError) {
        if let nanoCPUs {
            let count = sysconf(CInt(_SC_NPROCESSORS_ONLN))
            // Docker's words.
            guard (10_000_000...Int64(max(1, count)) * 1_000_000_000).contains(nanoCPUs) else {
                throw RuntimeError(
                    container: "",
                    message: "range of CPUs is from 0.01 to \(count).00, as there are only "
                        + "\(count) CPUs available",
                    hint: "lower `cpus`"
                )
            }
        }
        try Self.check(cpuSet, against: .online, "CPUs", hint: "correct `cpuset`")
        try Self.check(memoryNodes, against: .nodes, "memory nodes", hint: "correct --cpuset-mems")
    }

    private static func check(
        _ text: String?,
        against online: ProcessorSet?,
        _ noun: String,
        hint: String
    ) throws(RuntimeError) {
        guard let text, let asked = ProcessorSet(text), let online,
            !asked.numbers.isSubset(of: online.numbers)
        else { return }
        throw RuntimeError(
            container: "",
            message: "requested \(noun) are not available: requested \(text), available "
                + online.text,
            hint: hint
        )
    }
}

/// Processors, or nodes of memory, by number: `0-3,7`. cpuset(7), "List format".
struct ProcessorSet {
    let text: String
    let numbers: Set<Int>

    init?(_ text: some StringProtocol) {
        var numbers: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last,
                last < 1 << 16
            else { return nil }
            numbers.formUnion(first...last)
        }
        self.text = String(text)
        self.numbers = numbers
    }

    /// Those that run now; nil where the kernel does not say.
    static var online: ProcessorSet? { listed(in: "/sys/devices/system/cpu/online") }

    /// Nodes that have memory; nil where the kernel knows no nodes.
    static var nodes: ProcessorSet? { listed(in: "/sys/devices/system/node/has_memory") }

    private static func listed(in file: FilePath) -> ProcessorSet? {
        // `try?`: see above.
        guard let bytes = try? readFile(file, limit: 4096) else { return nil }
        return ProcessorSet(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }
}
