import Glibc
import Linux
import SystemPackage

/// What docker refuses of limits.
extension DockerValueRules {
    /// The least that docker gives a container.
    private static let leastMemory = 6.0 * 1024 * 1024

    static func size(_ value: String, _ flag: String) -> Refusal? {
        if flag == "--memory-swap", value == "-1" { return nil }
        guard let bytes = Self.bytes(value) else { return .argument("invalid size: '\(value)'") }
        let names = ["--memory": "limit", "--memory-reservation": "reservation"]
        if let name = names[flag], bytes > 0, bytes < leastMemory {
            return .engine("Minimum memory \(name) allowed is 6MB")
        }
        return nil
    }

    /// `64m`, `1.5GiB`: binary units, whatever they are called (go-units, RAMInBytes).
    static func bytes(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(number.count).lowercased()[...]
        if unit.first == " " { unit = unit.dropFirst() }
        guard let value = Double(number), number.first != "." else { return nil }
        if unit.isEmpty || unit == "b" { return value }
        let letters: [Character] = ["k", "m", "g", "t", "p"]
        guard let letter = unit.first, let power = letters.firstIndex(of: letter),
            ["", "b", "ib"].contains(unit.dropFirst())
        else { return nil }
        return (0...power).reduce(value) { size, _ in size * 1024 }
    }

    /// What does not go together, of the values by their attributes.
    static func conflict(_ values: [String: String]) -> Refusal? {
        if let refusal = swapRefusal(memory: values["mem_limit"], swap: values["memswap_limit"]) {
            return refusal
        }
        if let memory = values["mem_limit"].flatMap(bytes), memory > 0,
            let reservation = values["mem_reservation"].flatMap(bytes), reservation > memory
        {
            return .engine(
                "Minimum memory limit can not be less than memory reservation limit, see usage"
            )
        }
        guard let processors = values["cpus"].flatMap(Double.init), processors > 0 else {
            return nil
        }
        for (attribute, name) in [("cpu_period", "Period"), ("cpu_quota", "Quota")]
        where !["0", nil].contains(values[attribute]) {
            return .engine("Conflicting options: Nano CPUs and CPU \(name) cannot both be set")
        }
        return nil
    }

    /// Time of processors, and weights.
    static func share(_ value: String, _ flag: String) -> Refusal? {
        guard let number = Int64(value) else { return Self.number(value) }
        let isBad: Bool
        let reason: String
        switch flag {
        case "--cpu-period":
            isBad = number != 0 && !(1000...1_000_000).contains(number)
            reason =
                "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
        case "--cpu-quota":
            isBad = number > 0 && number < 1000
            reason = "CPU cfs quota can not be less than 1ms (i.e. 1000)"
        case "--cpu-shares":
            isBad = number < 0
            reason = "invalid CPU shares (\(number)): value must be a positive integer"
        default:
            isBad = number != 0 && !(10...1000).contains(number)
            reason = "Range of blkio weight is from 10 to 1000"
        }
        return isBad ? .engine(reason) : nil
    }

    /// A limit of memory and swap needs one of memory, and is not less than that.
    static func swapRefusal(memory: String?, swap: String?) -> Refusal? {
        guard let swap, let both = bytes(swap), both > 0 else { return nil }
        guard let memory, let limit = bytes(memory), limit > 0 else {
            return .engine(
                "You should always set the Memory limit when using Memoryswap limit, see usage"
            )
        }
        guard both < limit else { return nil }
        return .engine(
            "Minimum memoryswap limit should be larger than memory limit, see usage"
        )
    }

    /// A decimal number or a fraction, and not more than there are.
    static func processors(_ value: String) -> Refusal? {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, parts.count <= 2, parts.count == 1 || numbers[1] != 0
        else { return .argument("failed to parse \(value) as a rational number") }
        let wanted = parts.count == 1 ? numbers[0] : numbers[0] / numbers[1]
        let present = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        guard wanted < 0 || wanted > Double(present) else { return nil }
        return .engine(
            "range of CPUs is from 0.01 to \(present).00, as there are only \(present) CPUs "
                + "available"
        )
    }

    /// `0-2,7`: those that there are.
    static func listed(
        _ value: String,
        _ noun: String,
        _ what: String,
        in file: String
    ) -> Refusal? {
        guard let wanted = numbers(value) else {
            return .engine("Invalid value \(value) for cpuset \(noun): invalid format: \(value)")
        }
        let path = FilePath("/sys/devices/system/\(file)")
        // `try?`: where the kernel does not say, it refuses what it does not have at the start.
        guard let bytes = try? readFile(path, limit: 4096) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard let present = numbers(String(line)), !wanted.isSubset(of: present) else { return nil }
        return .engine(
            "Requested \(what) are not available - requested \(value), available: \(line)"
        )
    }

    /// The numbers of a list as the kernel writes it, none above 8191.
    private static func numbers(_ text: String) -> Set<Int>? {
        var numbers: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 0,
                first <= last, last < 8192,
                ends.count == part.split(separator: "-", omittingEmptySubsequences: false).count
            else { return nil }
            numbers.formUnion(first...last)
        }
        return numbers
    }

    static func number(_ value: String) -> Refusal? {
        guard Int64(value) == nil else { return nil }
        return .argument("strconv.ParseInt: parsing \"\(value)\": invalid syntax")
    }

    static func swappiness(_ value: String) -> Refusal? {
        guard let number = Int64(value) else { return Self.number(value) }
        guard number < -1 || number > 100 else { return nil }
        return .plain("invalid value: \(number). Valid memory swappiness range is 0-100")
    }

    static func score(_ value: String) -> Refusal? {
        guard let number = Int64(value) else { return Self.number(value) }
        guard number < -1000 || number > 1000 else { return nil }
        return .engine(
            "Invalid value \(number), range for oom score adj is [-1000, 1000]"
        )
    }
}
