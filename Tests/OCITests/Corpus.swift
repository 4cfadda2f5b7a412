import TestSupport

extension Corpus {
    /// The cases of one table; none where the corpus is absent.
    static func oci<Case: Decodable>(_ name: String, as type: Case.Type) -> [Case] {
        guard isPresent else { return [] }
        do {
            return try cases("oci/\(name).json", as: type)
        } catch {
            preconditionFailure("the corpus table \(name) cannot be read: \(error)")
        }
    }
}
