import FoundationEssentials
import GRDB
import OCI

/// How values stand in columns: small collections as JSON text, moments as nanoseconds, identities
/// as their text. Each record's rows are read and written in one file beside the record.
extension Database {
    /// Executes one statement, compiled once per connection.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// All rows of a query, compiled once per connection.
    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row of a query.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first column of every row.
    func texts(_ sql: String, _ arguments: StatementArguments = []) throws -> [String] {
        try String.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// Whether a query has a row.
    func has(_ sql: String, _ arguments: StatementArguments = []) throws -> Bool {
        try row(sql, arguments) != nil
    }
}

extension Row {
    func moment(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map(Timestamp.init(nanoseconds:))
    }

    /// A column that holds a value's text.
    func value<T>(_ column: String, _ make: (String) -> T?) throws -> T {
        let text: String? = self[column]
        guard let text, let value = make(text) else {
            throw Self.damaged(column, text ?? "nothing")
        }
        return value
    }

    /// A column that holds JSON.
    func json<T: Decodable>(_ column: String, as type: T.Type = T.self) throws -> T {
        let text: String = self[column] ?? ""
        // The values that most rows have are not worth a JSON parser.
        if text == "{}", let empty = [String: String]() as? T { return empty }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw Self.damaged(column, text)
        }
    }

    private static func damaged(_ column: String, _ text: String) -> EngineError {
        EngineError(
            .state,
            "cannot read a record",
            because: "column `\(column)` holds `\(text)`",
            remedy: "the database was changed by something else; restore it from a backup"
        )
    }
}

/// Canonical JSON of the small collections in columns.
enum ColumnJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func text(_ labels: [String: String]) throws -> String {
        if labels.isEmpty { return "{}" }
        let value: any Encodable = labels
        return try text(value)
    }
}
