/// What is wrong with a template, in the words of Go's text/template:
/// `template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"`.
package struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}

/// What a function found wrong; the template says where.
package struct FunctionError: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
