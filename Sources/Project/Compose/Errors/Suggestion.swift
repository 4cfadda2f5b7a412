/// `did you mean "ports"?` for a word that is near one of the candidates; nil when none is.
func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    nearest(to: word, among: candidates).map { "did you mean \"\($0)\"?" }
}

extension Report {
    /// What may have been meant; nil where nothing more is told, since looking for it is costly.
    func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        isFull ? nil : Compose.suggestion(for: word, among: candidates)
    }
}

/// The candidate with the fewest edits, where they are few for the length of the word.
func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().utf8.prefix(64))
    let allowed = letters.count <= 2 ? 1 : letters.count <= 5 ? 2 : 3
    var best: (word: String, distance: Int)?
    for candidate in candidates.prefix(2000) {
        let other = Array(candidate.lowercased().utf8.prefix(64))
        guard abs(other.count - letters.count) <= allowed else { continue }
        let distance = editDistance(letters, other)
        guard distance <= allowed, distance < max(letters.count, other.count) else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    if let best { return best.word }
    // A part of a long word: `healthy` for `service_healthy`.
    guard letters.count >= 4 else { return nil }
    let containing = candidates.filter { $0.contains(word) }
    return containing.count == 1 ? containing[0] : nil
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var before = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        for column in 1...right.count {
            let cost = left[row - 1] == right[column - 1] ? 0 : 1
            var best = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + cost
            )
            if row > 1, column > 1, left[row - 1] == right[column - 2],
                left[row - 2] == right[column - 1]
            {
                best = min(best, before[column - 2] + 1)
            }
            current.append(best)
        }
        (before, previous) = (previous, current)
    }
    return previous[right.count]
}
