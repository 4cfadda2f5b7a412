/// What goes with each line that the driver json-file keeps, read from its options.
package struct LogMarksDeclaration: Hashable, Sendable {
    /// `labels`: their names.
    package var labels: [String] = []
    /// `labels-regex`.
    package var labelsExpression: String?
    /// `env`: the names of variables.
    package var variables: [String] = []
    /// `env-regex`.
    package var variablesExpression: String?
    /// A Go template; nil for none.
    package var tag: String?
    /// Nothing goes with a line.
    package init() {}
}
