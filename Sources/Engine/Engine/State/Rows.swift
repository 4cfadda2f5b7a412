import FoundationEssentials
import GRDB
import OCI
import TextForms

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
        try Self.decoded(self[column] ?? "", column)
    }

    /// As `json`; nil for a column without a value.
    func jsonIfAny<T: Decodable>(_ column: String, as type: T.Type = T.self) throws -> T? {
        let text: String? = self[column]
        return try text.map { try Self.decoded($0, column) }
    }

    /// A column that holds a list; most are empty and not worth a parser.
    func json<T: Decodable>(_ column: String, as type: [T].Type = [T].self) throws -> [T] {
        let text: String = self[column] ?? ""
        return text == "[]" ? [] : try Self.decoded(text, column)
    }

    /// A column that holds texts by name, such as the labels that every command reads of every
    /// container. Not by `JSONDecoder`: for each text of a dictionary it has the Swift runtime
    /// search all conformances of the program.
    func json(_ column: String, as type: [String: String].Type = [String: String].self) throws
        -> [String: String]
    {
        let text: String = self[column] ?? ""
        if text == "{}" { return [:] }
        guard let members = (try? JSONValue(parsing: Array(text.utf8)))?.members else {
            throw Self.damaged(column, text)
        }
        var texts: [String: String] = [:]
        texts.reserveCapacity(members.count)
        for member in members {
            guard let value = member.value.string else { throw Self.damaged(column, text) }
            texts[member.name] = value
        }
        return texts
    }

    private static func decoded<T: Decodable>(_ text: String, _ column: String) throws -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(text: text))
        } catch {
            throw damaged(column, text)
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

    /// Not by `JSONEncoder`, for the reason that `Row.json` gives.
    static func text(_ labels: [String: String]) -> String {
        if labels.isEmpty { return "{}" }
        var out = [UInt8(ascii: "{")]
        // By code points, as an encoder with sorted keys has them.
        for (index, label) in labels.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONString.append(label.key, to: &out)
            out.append(UInt8(ascii: ":"))
            JSONString.append(label.value, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return String(decoding: out, as: UTF8.self)
    }
}

extension Data {
    /// The UTF-8 of a text. `Data.init` of any sequence has the Swift runtime search all
    /// conformances of the program, each time.
    init(text: String) {
        var text = text
        self.init()
        text.withUTF8 { append($0) }
    }
}
