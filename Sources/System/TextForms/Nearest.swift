/// What may have been meant by a word that is not among the candidates: the one with the fewest edits,
/// where they are at most one for every three letters, and three; nil when none is so near. Upper and
/// lower case are the same.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().utf8.prefix(64))
    let allowed = min(max(1, (letters.count + 1) / 3), 3)
    var best: (word: String, distance: Int)?
    for candidate in candidates.prefix(candidateLimit) {
        let other = Array(candidate.lowercased().utf8.prefix(64))
        guard abs(other.count - letters.count) <= allowed,
            let distance = editDistance(letters, other, atMost: allowed),
            distance < max(letters.count, other.count)
        else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    if let best { return best.word }
    // A part of a long word: `healthy` for `service_healthy`.
    guard letters.count >= 4 else { return nil }
    let containing = candidates.prefix(candidateLimit).filter { $0.contains(word) }
    return containing.count == 1 ? containing[0] : nil
}

/// So many names are compared with a word: a file that has more is one nobody wrote by hand.
private let candidateLimit = 1000

/// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other; nil
/// when they are more than allowed. Only the cells that so few can reach are looked at.
private func editDistance(_ left: [UInt8], _ right: [UInt8], atMost allowed: Int) -> Int? {
    if left.isEmpty || right.isEmpty {
        let distance = max(left.count, right.count)
        return distance <= allowed ? distance : nil
    }
    let beyond = allowed + 1
    var before = [Int](repeating: beyond, count: right.count + 1)
    var previous = (0...right.count).map { min($0, beyond) }
    for row in 1...left.count {
        var current = [Int](repeating: beyond, count: right.count + 1)
        current[0] = min(row, beyond)
        var nearest = current[0]
        let (first, last) = (max(1, row - allowed), min(right.count, row + allowed))
        guard first <= last else { return nil }
        for column in first...last {
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
            current[column] = min(best, beyond)
            nearest = min(nearest, best)
        }
        // A swap takes from two rows before; its row has then passed this test itself.
        guard nearest <= allowed else { return nil }
        (before, previous) = (previous, current)
    }
    let distance = previous[right.count]
    return distance <= allowed ? distance : nil
}
