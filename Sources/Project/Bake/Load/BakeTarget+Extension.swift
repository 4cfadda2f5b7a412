import Compose
import TextForms

extension BakeTarget {
    /// Puts what `x-bake` of a service's build says over what the service says: docs of bake,
    /// "Extension field with x-bake". Each of its entries takes the place of the service's.
    /// - Throws: what is wrong with it, all at once, each at its place.
    mutating func extend(by service: String, in loaded: LoadedProject) throws(BakeError) {
        let place = "services.\(service).build.x-bake"
        guard loaded.has(place) else { return }
        var problems: [Problem] = []
        func refuse(_ message: String, _ path: String, _ hint: String?) {
            if let problem = loaded.problem(message, at: path, hint: hint) {
                problems.append(problem)
            }
        }
        guard let entries = loaded.extensionEntries(at: place) else {
            refuse("x-bake is a mapping", place, "write x-bake: {tags: […]}")
            throw BakeError(problems)
        }
        for entry in entries {
            guard let attribute = Self.extensions.first(where: { $0.rawValue == entry.key }) else {
                let known = Self.extensions.map(\.rawValue)
                let near = nearest(to: entry.key, among: known)
                refuse(
                    "x-bake has no \(VisibleText.shortened(entry.key))",
                    entry.path,
                    near.map { "did you mean \($0)?" } ?? "it has \(known.joined(separator: ", "))"
                )
                continue
            }
            switch Self.field(attribute, entry.value) {
            case .success(let field): if let field { fields[attribute] = field }
            case .failure(let wrong): refuse(wrong.message, entry.path, wrong.hint)
            }
        }
        if !problems.isEmpty { throw BakeError(problems) }
    }

    /// The attributes that it may have.
    private static let extensions: [BakeAttribute] = [
        .tags, .cacheFrom, .cacheTo, .secret, .ssh, .platforms, .output, .pull, .noCache,
        .noCacheFilter, .contexts,
    ]

    private struct Wrong: Error {
        var message: String
        var hint: String?
    }

    /// nil for an empty list, which says nothing.
    private static func field(
        _ attribute: BakeAttribute,
        _ value: LoadedProject.ExtensionEntry.Value
    ) -> Result<BakeField?, Wrong> {
        let name = attribute.rawValue
        switch (attribute.form, value) {
        case (.flag, .flag(let flag)): return .success(.flag(flag))
        case (.map, .map(let entries)): return .success(.map(entries))
        case (.texts, .texts(let texts)): return .success(texts.isEmpty ? nil : .texts(texts))
        case (.options, .texts(let texts)):
            var all: [BakeOptions] = []
            for text in texts {
                do throws(BakeOptions.Invalid) {
                    all.append(try BakeOptions(parsing: text, of: attribute))
                } catch {
                    return .failure(
                        Wrong(
                            message:
                                "\(name): \(VisibleText.shortened(error.field)) is not key=value"
                        )
                    )
                }
            }
            return .success(all.isEmpty ? nil : .options(all))
        case (.flag, _): return .failure(Wrong(message: "\(name) is true or false"))
        case (.map, _): return .failure(Wrong(message: "\(name) is a mapping of names to contexts"))
        default: return .failure(Wrong(message: "\(name) is a text or a list of texts"))
        }
    }
}
