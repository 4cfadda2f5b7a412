/// A variable that the files of a project use.
package struct TemplateVariable: Hashable, Sendable {
    package var name: String
    /// Word of `${NAME:-word}`; empty when there is none.
    package var defaultValue = ""
    /// Word of `${NAME:+word}`; empty when there is none.
    package var presenceValue = ""
    /// `${NAME:?message}`
    package var isRequired = false

    package init(name: String) { self.name = name }
}
