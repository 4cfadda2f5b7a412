import Glibc

/// A regular expression of a filter, as regex(7) and `grep -E` read it.
package final class NamePattern {
    private var compiled = regex_t()

    /// nil for what is no expression.
    package init?(_ text: String, ignoresCase: Bool = false) {
        let flags = REG_EXTENDED | REG_NOSUB | (ignoresCase ? REG_ICASE : 0)
        guard regcomp(&compiled, text, flags) == 0 else { return nil }
    }

    deinit { regfree(&compiled) }

    /// Whether it is found anywhere in a name.
    package func isFound(in name: String) -> Bool { regexec(&compiled, name, 0, nil, 0) == 0 }
}
