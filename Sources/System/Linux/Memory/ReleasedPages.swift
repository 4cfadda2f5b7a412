import Glibc

/// Pages of the program that this process has read and may not need again. They stay in the kernel's
/// cache of files, from which they come back when they are touched (madvise(2), MADV_DONTNEED).
package enum ReleasedPages {
    /// Gives back what is mapped of files and never written to.
    ///
    /// Only mappings that have no page of their own: where the dynamic linker has written something
    /// and made it read-only afterwards, the file has something else.
    package static func giveBack() {
        for mapping in clean() {
            // A failure leaves all as it was.
            madvise(
                UnsafeMutableRawPointer(bitPattern: mapping.start),
                mapping.count,
                MADV_DONTNEED
            )
        }
    }

    /// Bytes of those mappings that are in memory now.
    package static var bytes: Int { clean().reduce(0) { $0 + $1.resident } }

    private struct Mapping {
        var start: UInt
        var count: Int
        var resident = 0
        var isClean = true
    }

    /// proc_pid_smaps(5).
    private static func clean() -> [Mapping] {
        guard let file = fopen("/proc/self/smaps", "re") else { return [] }
        defer { fclose(file) }
        var found: [Mapping] = []
        var current: Mapping?
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let words = String(cString: line).split(whereSeparator: { $0 == " " || $0 == "\n" })
            guard let first = words.first else { continue }
            if first.hasSuffix(":") {
                guard words.count > 1, let kilobytes = Int(words[1]) else { continue }
                if first == "Rss:" { current?.resident = kilobytes << 10 }
                if first == "Anonymous:", kilobytes > 0 { current?.isClean = false }
            } else {
                if let done = current, done.isClean { found.append(done) }
                current = mapping(words)
            }
        }
        if let done = current, done.isClean { found.append(done) }
        return found
    }

    /// nil for what is no file's, or may be written to.
    private static func mapping(_ words: [Substring]) -> Mapping? {
        guard words.count > 5, words[5].hasPrefix("/"), words[1].hasPrefix("r"),
            !words[1].contains("w"), words[1].hasSuffix("p")
        else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return Mapping(start: ends[0], count: Int(ends[1] - ends[0]))
    }
}
