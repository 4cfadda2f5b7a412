package import GoTemplate
import TextForms

/// What `inspect` commands show: all objects as one JSON array, or a template per object.
package struct Inspection {
    private var shown: [String] = []
    private var objects: [GoValue] = []
    private let template: Template?
    private let isCompact: Bool
    private let showing: (String) -> String

    /// `format` is empty for indented JSON, `json` for one line, or a template. Where a terminal
    /// shows it (`isSeen`), what a template takes from the objects is visible text.
    package init(format: String?, isSeen: Bool) throws(DockerViewsError) {
        showing = isSeen ? { VisibleText.lines($0) } : { $0 }
        isCompact = format == "json"
        guard let format, !format.isEmpty, !isCompact else {
            template = nil
            return
        }
        do {
            template = try Template(parsing: format)
        } catch {
            throw DockerViewsError(.template, "template parsing error: \(error)")
        }
    }

    /// Adds an object.
    /// - Throws: where the template asks for what the object does not have; docker looks at no
    ///   other object then.
    package mutating func add(_ object: GoValue) throws(DockerViewsError) {
        guard let template else { return objects.append(object) }
        do {
            shown.append(try template.render(object, showing: showing))
        } catch {
            throw DockerViewsError(.template, "template parsing error: \(error)")
        }
    }

    /// What to print.
    package var lines: [String] {
        if template != nil { return shown }
        let list = GoValue.list(objects)
        return [isCompact ? list.json : list.indentedJSON()]
    }
}
