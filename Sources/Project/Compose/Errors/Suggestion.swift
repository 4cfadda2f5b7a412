import TextForms

/// `did you mean "ports"?` for a word that is near one of the candidates; nil when none is.
func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    nearest(to: word, among: candidates).map { "did you mean \"\($0)\"?" }
}

extension Diagnostics {
    /// What may have been meant; nil where nothing more is told, since looking for it is costly.
    func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        // The first mistakes are worth more time than the hundredth; no table of keys is as long.
        isFull
            ? nil
            : Compose.suggestion(
                for: word,
                among: candidates.prefix(problems.count < 20 ? .max : 300)
            )
    }
}
