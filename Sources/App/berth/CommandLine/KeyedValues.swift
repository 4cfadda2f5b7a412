/// Values of options that come as `key=value`.
enum KeyedValues {
    /// - Throws: for one without a value.
    static func pairs(_ texts: [String], of flag: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(
                    usage: "invalid argument \"\(text)\" for \"\(flag)\" flag: "
                        + "\(text) must be formatted as key=value"
                )
            }
            pairs[String(parts[0])] = String(parts[1])
        }
        return pairs
    }

    /// Labels, whose value may be left out.
    /// - Throws: for one without a name.
    static func labels(_ texts: [String], of flag: String = "--label") throws -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            guard !text.isEmpty, !text.hasPrefix("=") else {
                throw Failure(
                    usage: "invalid argument \"\(text)\" for \"\(flag)\" flag: "
                        + "invalid label '\(text)': empty name"
                )
            }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            labels[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        return labels
    }
}
