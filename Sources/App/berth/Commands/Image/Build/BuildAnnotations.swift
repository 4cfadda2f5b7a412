/// What `--annotation` asks for: `[TYPE[,TYPE]:]KEY=VALUE`, read as buildx reads it. A build here gives
/// one manifest, which is what is annotated.
enum BuildAnnotations {
    /// Those of the manifest, by key; the later of two of one key counts.
    /// - Throws: what is none, and what would stand where this build writes nothing.
    static func manifest(_ texts: [String]) throws -> [String: String] {
        var annotations: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw refusal(
                    "parse annotations: invalid annotation \"\(text)\", expected key=value"
                )
            }
            let (name, value) = (text[..<equals], String(text[text.index(after: equals)...]))
            guard let colon = name.firstIndex(of: ":") else {
                annotations[String(name)] = value
                continue
            }
            let key = String(name[name.index(after: colon)...])
            for type in name[..<colon].split(separator: ",", omittingEmptySubsequences: false) {
                try check(type)
                annotations[key] = value
            }
        }
        return annotations
    }

    /// The same of an output's attributes: `annotation.KEY`, `annotation-manifest.KEY`; nil for others.
    static func key(ofAttribute name: String) throws -> String? {
        let name = name[...]
        guard name.hasPrefix("annotation"), let dot = name.firstIndex(of: ".") else { return nil }
        let type = name[..<dot].dropFirst("annotation".count)
        guard type.isEmpty || type.hasPrefix("-") else { return nil }
        if !type.isEmpty { try check(type.dropFirst()) }
        return String(name[name.index(after: dot)...])
    }

    private static func check(_ type: Substring) throws {
        let name = type.prefix { $0 != "[" }
        switch name {
        case "manifest":
            guard name == type else {
                throw refusal(
                    "annotation \(type): a build gives one image, of this machine's platform; "
                        + "write manifest:"
                )
            }
        case "index", "index-descriptor":
            throw refusal("index annotations not supported for single platform export")
        case "manifest-descriptor":
            throw refusal(
                "annotation manifest-descriptor: a build gives no index that would describe the "
                    + "manifest; write manifest:"
            )
        default: throw refusal("parse annotations: unknown annotation type \"\(name)\"")
        }
    }

    private static func refusal(_ words: String) -> Failure {
        Failure("ERROR: failed to build: \(words)")
    }
}
