/// A template in the language of Go's text/template, which docker's `--format` takes.
package struct Template: Sendable {
    /// Empty, as docker's are.
    package let name: String
    let text: String
    let root: [Node]
    let definitions: [String: [Node]]
    let functions: [String: TemplateFunction]

    /// Reads a template. `functions` are those it may call; a name that is not there is refused.
    package init(
        parsing text: String,
        name: String = "",
        functions: [String: TemplateFunction] = TemplateFunction.all
    ) throws(TemplateError) {
        var parser = try Parser(text, name: name, functions: Set(functions.keys))
        root = try parser.parse()
        definitions = parser.definitions
        self.name = name
        self.text = text
        self.functions = functions
    }

    /// Fills the template in. One that never ends is cut off with an error. What the actions print
    /// passes through `showing`; the template's own text does not.
    package func render(
        _ data: GoValue,
        showing: @escaping (String) -> String = { $0 }
    ) throws(TemplateError) -> String {
        var execution = Execution(self, data, showing)
        return try execution.run()
    }

    /// The same template with other functions of the same names.
    package func with(functions others: [String: TemplateFunction]) -> Template {
        Template(
            name: name,
            text: text,
            root: root,
            definitions: definitions,
            functions: functions.merging(others) { $1 }
        )
    }

    private init(
        name: String,
        text: String,
        root: [Node],
        definitions: [String: [Node]],
        functions: [String: TemplateFunction]
    ) {
        self.name = name
        self.text = text
        self.root = root
        self.definitions = definitions
        self.functions = functions
    }
}
