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
        guard let cpuSet, let asked = ProcessorSet(cpuSet), let online = ProcessorSet.online else {
            return
        }
        guard asked.numbers.isSubset(of: online.numbers) else {
            throw RuntimeError(
                container: "",
                message: "requested CPUs are not available: requested \(cpuSet), available "
                    + online.text,
                hint: "correct `cpuset`"
            )
        }
    }
}

/// Processors by number: `0-3,7`. cpuset(7), "List format".
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
    static var online: ProcessorSet? {
        // `try?`: see above.
        guard let bytes = try? readFile("/sys/devices/system/cpu/online", limit: 4096) else {
            return nil
        }
        return ProcessorSet(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
    }
}
