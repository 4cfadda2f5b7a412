package import OrderedCollections

/// compose-spec `logging`.
package struct LoggingDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `driver`.
    package var driver: String?
    /// As written; what a key means is the driver's.
    package var options: OrderedDictionary<String, String> = [:]
    /// Says nothing yet.
    package init() {}

    /// Size at which the log file is rotated (`max-size`); nil never rotates.
    package var maximumSizeBytes: Int64? { options["max-size"].flatMap(ByteSize.parseDecimal) }

    /// Number of files kept, the current one included (`max-file`).
    package var maximumFiles: Int { options["max-file"].flatMap { Int($0) } ?? 1 }
}
