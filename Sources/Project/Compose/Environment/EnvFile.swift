/// The format of `.env`, `env_file` and `label_file`. compose-spec "Env_file format".
struct EnvFileParser {
    /// Something wrong in an env file; line and column from 1.
    struct Failure: Error {
        var message: String
        var line: Int
        var column: Int
    }

    /// The byte that ends a line.
    static let newline = UInt8(ascii: "\n")

    /// Finds variables that the file itself does not set; these win over the file's own.
    let lookup: (String) -> String?
    /// Told of a variable that is set nowhere, with the line it is used on.
    let unset: (String, Int) -> Void
    /// Told of what is defined, where somebody wants to know.
    var noticed: ((Event) -> Void)?

    /// Something of a file that is worth noting down.
    enum Event {
        /// The text, with variables in it, of the value that is defined next.
        case template(String)
        /// A variable has got its value. The offset is that of its statement; `isInherited` says
        /// that the file names it without a value.
        case defined(String, offset: Int, isInherited: Bool)
    }
    /// Bytes that the values may have together.
    var limit = Int.max
    /// Variables that the file may have.
    var variableLimit = Int.max

    /// Adds the variables of a file to `values`.
    /// - Returns: how many there are.
    func parse(_ bytes: [UInt8], into values: inout [String: String]) throws(Failure) -> Int {
        var count = 0
        var scanner = Scanner(bytes)
        try refuseNUL(bytes, scanner)
        var length = 0
        while scanner.skipToStatement() {
            let statement = scanner.index
            count += 1
            guard count <= variableLimit else { throw scanner.failure(tooMany, at: statement) }
            let key = try scanner.key()
            switch key.ending {
            case .none:
                guard let value = lookup(key.name) else { continue }
                values[key.name] = value
                noticed?(.defined(key.name, offset: statement, isInherited: true))
            case .value:
                let value = try value(&scanner, statement, values, limit - length)
                length += value.utf8.count
                values[key.name] = value
                noticed?(.defined(key.name, offset: statement, isInherited: false))
            }
        }
        return count
    }

    private var tooMany: String { "the env file has more than \(variableLimit) variables" }

    private func value(
        _ scanner: inout Scanner,
        _ statement: Int,
        _ known: [String: String],
        _ limit: Int
    ) throws(Failure) -> String {
        scanner.skipBlanks()
        switch scanner.current {
        case UInt8(ascii: "'"): return try scanner.singleQuoted()
        case UInt8(ascii: "\""):
            let quoted = try scanner.doubleQuoted()
            return try expand(quoted, &scanner, statement, known, limit)
        default:
            let text = scanner.unquoted()
            return try expand(text, &scanner, statement, known, limit)
        }
    }

    private func expand(
        _ text: String,
        _ scanner: inout Scanner,
        _ statement: Int,
        _ known: [String: String],
        _ limit: Int
    ) throws(Failure) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        noticed?(.template(text))
        let line = scanner.line(statement)
        let template = VariableTemplate(
            lookup: { lookup($0) ?? known[$0] },
            unset: { unset($0, line) },
            limit: limit
        )
        do {
            return try template.evaluate(text)
        } catch {
            throw scanner.failure(error.message, at: statement)
        }
    }

    /// No environment can hold one: what stands behind it would be lost.
    private func refuseNUL(_ bytes: [UInt8], _ scanner: Scanner) throws(Failure) {
        guard let place = bytes.firstIndex(of: 0) else { return }
        throw scanner.failure("a NUL byte: this is not a text file", at: place)
    }

    /// Reads `format: raw`: the text after the first `=`, as it is.
    /// - Returns: how many variables there are.
    func parseRaw(_ bytes: [UInt8], into values: inout [String: String]) throws(Failure) -> Int {
        var count = 0
        try refuseNUL(bytes, Scanner(bytes))
        var number = 0
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for slice in bytes[start...].split(
            separator: Self.newline,
            omittingEmptySubsequences: false
        ) {
            number += 1
            let line = slice.last == UInt8(ascii: "\r") ? slice.dropLast() : slice
            let trimmed = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let first = trimmed.first, first != UInt8(ascii: "#") else { continue }
            count += 1
            guard count <= variableLimit else {
                throw Failure(message: tooMany, line: number, column: 1)
            }
            let parts = trimmed.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = String(decoding: parts[0], as: UTF8.self)
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: " ")) else {
                throw Failure(
                    message: "\"\(name)\" is not a variable name",
                    line: number,
                    column: 1
                )
            }
            let offset = trimmed.startIndex
            if parts.count == 2 {
                values[name] = String(decoding: parts[1], as: UTF8.self)
                noticed?(.defined(name, offset: offset, isInherited: false))
            } else if let value = lookup(name) {
                values[name] = value
                noticed?(.defined(name, offset: offset, isInherited: true))
            }
        }
        return count
    }
}
