import TextForms

/// Texts cut as docker cuts them.
enum Ellipsis {
    /// `text` when it fits into `width` columns of a terminal, otherwise its beginning and `…`.
    static func cut(_ text: String, to width: Int) -> String {
        let widths = text.unicodeScalars.map { DisplayWidth.of($0) }
        guard widths.reduce(0, +) > width else { return text }
        var (cut, used) = ("", 0)
        for (scalar, columns) in zip(text.unicodeScalars, widths) {
            used += columns
            guard used < width else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut + "…"
    }
}
