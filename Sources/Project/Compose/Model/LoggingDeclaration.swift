package import OrderedCollections
import TextForms

/// compose-spec `logging`.
package struct LoggingDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `driver`.
    package var driver: String?
    /// As written; what a key means is the driver's.
    package var options: OrderedDictionary<String, String> = [:]
    /// Says nothing yet.
    package init() {}

    /// What becomes of what a container writes.
    package enum Driver: String, Sendable {
        case jsonFile = "json-file"
        /// As `json-file`, rotated unless the file says otherwise.
        case local
        /// Nothing is kept.
        case none

        /// nil for one that is not carried out; an empty name is the default.
        package init?(_ name: String) { self.init(rawValue: name.isEmpty ? "json-file" : name) }

        /// The options that Docker's driver of this name knows.
        var options: [String] {
            let all = ["max-size", "max-file", "compress", "mode", "max-buffer-size"]
            return switch self {
            case .jsonFile: all + ["labels", "labels-regex", "env", "env-regex", "tag"]
            case .local: all
            case .none: []
            }
        }

        /// Docker's default of `max-size`; nil never rotates.
        var maximumSizeBytes: Int64? { self == .local ? 20_000_000 : nil }

        /// Docker's default of `max-file`.
        var maximumFiles: Int { self == .local ? 5 : 1 }
    }

    /// What becomes of what is written; `json-file` where nothing is said.
    package var kind: Driver { driver.flatMap { Driver($0) } ?? .jsonFile }

    /// Size at which the log file is rotated (`max-size`); nil never rotates.
    package var maximumSizeBytes: Int64? {
        options["max-size"].flatMap(ByteSize.parseDecimal) ?? kind.maximumSizeBytes
    }

    /// Number of files kept, the current one included (`max-file`).
    package var maximumFiles: Int {
        options["max-file"].flatMap { Int($0) } ?? kind.maximumFiles
    }

    /// A truth value as Go's strconv.ParseBool reads it; nil for another text.
    static func isTruth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
