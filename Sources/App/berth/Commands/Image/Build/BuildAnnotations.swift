import Builder
import OCI

/// What `--annotation` asks for: `[TYPE[PLATFORM][,TYPE…]:]KEY=VALUE`, read as buildx reads it.
enum BuildAnnotations {
    /// All of them, in order.
    /// - Throws: what is none.
    static func read(_ texts: [String]) throws -> ImageAnnotations {
        var annotations = ImageAnnotations()
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw refusal(
                    "parse annotations: invalid annotation \"\(text)\", expected key=value"
                )
            }
            let (name, value) = (text[..<equals], String(text[text.index(after: equals)...]))
            guard let colon = name.firstIndex(of: ":") else {
                annotations.entries.append(.init(.manifest, key: String(name), value: value))
                continue
            }
            let key = String(name[name.index(after: colon)...])
            for type in name[..<colon].split(separator: ",", omittingEmptySubsequences: false) {
                annotations.entries.append(try entry(type, key: key, value: value))
            }
        }
        return annotations
    }

    /// The same of an output's attributes: `annotation.KEY`, `annotation-index.KEY`; nil for others.
    static func entry(
        ofAttribute name: String,
        value: String
    ) throws -> ImageAnnotations.Entry? {
        let name = name[...]
        guard name.hasPrefix("annotation"), let dot = name.firstIndex(of: ".") else { return nil }
        let type = name[..<dot].dropFirst("annotation".count)
        guard type.isEmpty || type.hasPrefix("-") else { return nil }
        let key = String(name[name.index(after: dot)...])
        if type.isEmpty { return .init(.manifest, key: key, value: value) }
        return try entry(type.dropFirst(), key: key, value: value)
    }

    /// Refuses what would stand in an index where the build gives none, in buildx's words, and what is for a
    /// platform that is not built for.
    static func check(_ request: BuildRequest) throws {
        let platforms = Set(request.platforms.map(\.normalized))
        for entry in request.annotations.entries {
            guard let platform = entry.platform, !platforms.contains(platform.normalized) else {
                continue
            }
            throw refusal(
                "annotation \(entry.place.rawValue)[\(platform)]: nothing is built for it"
            )
        }
        guard request.annotations.needsIndex, !request.givesIndex else { return }
        throw refusal("index annotations not supported for single platform export")
    }

    private static func entry(
        _ type: Substring,
        key: String,
        value: String
    ) throws -> ImageAnnotations.Entry {
        let name = type.prefix { $0 != "[" }
        guard let place = ImageAnnotations.Place(rawValue: String(name)) else {
            throw refusal("parse annotations: unknown annotation type \"\(name)\"")
        }
        guard name != type else { return .init(place, key: key, value: value) }
        guard type.hasSuffix("]"), place == .manifest || place == .manifestDescriptor else {
            throw refusal("annotation \(type): write \(name)[PLATFORM] of a manifest, or \(name)")
        }
        let platform = try PlatformOption.read(
            String(type.dropFirst(name.count + 1).dropLast())
        )
        return .init(place, platform, key: key, value: value)
    }

    private static func refusal(_ words: String) -> Failure {
        Failure("ERROR: failed to build: \(words)")
    }
}
