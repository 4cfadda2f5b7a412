import Glibc

/// A regular expression of a filter, as regex(7) reads it.
final class NamePattern {
    private var compiled = regex_t()

    /// nil for what is no expression.
    init?(_ text: String) {
        guard regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    }

    deinit { regfree(&compiled) }

    /// Whether it is found anywhere in a name.
    func isFound(in name: String) -> Bool { regexec(&compiled, name, 0, nil, 0) == 0 }
}
