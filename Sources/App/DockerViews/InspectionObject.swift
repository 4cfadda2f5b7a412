import GoTemplate

extension GoValue {
    /// An object of `inspect`, members in docker's order. A member that a template asks for and that
    /// is not there is an error.
    static func object(
        _ members: [(key: String, value: GoValue)],
        unwritten: [(key: String, value: GoValue)] = []
    ) -> GoValue {
        .map(GoMap(members, missing: .error, unwritten: unwritten))
    }

    /// A list of texts; null where there are none, as docker has lists that nobody set.
    static func stringsOrNull(_ texts: [String]) -> GoValue {
        texts.isEmpty ? .nothing(.list) : .strings(texts)
    }
}
