/// A value of a variable or a label, for people to read in the reasons of a plan.
struct ShownValue {
    /// nil for what may be a secret, or is no use in a line.
    let text: String?

    private static let longest = 60
    private static let secretWords = [
        "PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "PRIVATE", "CERT", "DSN",
        "SALT", "COOKIE", "SESSION",
    ]

    /// By the name of what it belongs to: `DB_PASSWORD` is not shown, nor is an address with a user.
    init(of name: String, _ value: String) {
        let upper = name.uppercased()
        let isSecret =
            Self.secretWords.contains(where: upper.contains)
            || (value.contains("://") && value.contains("@"))
        let isLine = value.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
        guard !isSecret, isLine, value.count <= Self.longest else {
            text = nil
            return
        }
        // In quotes where its ends would not be seen.
        let isWord = !value.isEmpty && !value.contains(" ") && !value.contains("\"")
        text = isWord ? value : "\"\(value)\""
    }
}
