/// How identifiers on the disk are shown in a container: that of a folder's owner as that of the
/// container's user, all others as they are. The two that are left over are nobody's, so that neither
/// can be mistaken for the other.
struct IdentifierMap: Hashable, Sendable {
    /// Who has the folder on the disk.
    let owner: UInt32
    /// Who has it in the container.
    let user: UInt32

    /// Nothing is shown otherwise.
    var isIdentity: Bool { owner == user }

    /// As user_namespaces(7) writes it: first on the disk, first in the container, how many.
    var text: String {
        let both = [owner, user].sorted()
        var lines: [String] = []
        func keep(_ range: Range<UInt32>) {
            if !range.isEmpty {
                lines.append("\(range.lowerBound) \(range.lowerBound) \(range.count)")
            }
        }
        guard !isIdentity else { return "0 0 \(UInt32.max)\n" }
        keep(0..<both[0])
        keep(both[0] + 1..<both[1])
        keep(both[1] + 1..<UInt32.max)
        lines.append("\(owner) \(user) 1")
        return lines.map { $0 + "\n" }.joined()
    }
}
