import FoundationEssentials

/// JSON documents of images: read within limits, written the same way every time.
package enum OCIJSON {
    /// How large a manifest or index may be. distribution-spec asks for 4 MiB at least.
    package static let manifestLimit = 4 << 20
    /// How large an image's configuration may be.
    package static let configurationLimit = 8 << 20
    /// How deeply documents may nest.
    static let depthLimit = 64

    /// Reads a document; `subject` names it in errors.
    package static func decode<T: Decodable>(
        _ type: T.Type,
        from bytes: [UInt8],
        limit: Int,
        subject: String
    ) throws(OCIError) -> T {
        guard bytes.count <= limit else {
            throw OCIError(subject: subject, .documentTooLarge(limit: limit))
        }
        guard depth(of: bytes) <= depthLimit else {
            throw OCIError(subject: subject, .invalidDocument("nested too deeply"))
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as OCIError {
            throw error
        } catch let error as DecodingError {
            throw OCIError(subject: subject, .invalidDocument(words(for: error)))
        } catch {
            throw OCIError(subject: subject, .invalidDocument("\(error)"))
        }
    }

    /// Writes a value as canonical JSON: sorted keys, no spaces, slashes as they are.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// The deepest nesting of brackets outside strings.
    static func depth(of bytes: [UInt8]) -> Int {
        var (depth, deepest) = (0, 0)
        var (inString, escaped) = (false, false)
        for byte in bytes {
            if inString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): inString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return deepest
    }

    private static func words(for error: DecodingError) -> String {
        func at(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            let path = (context.codingPath + (key.map { [$0] } ?? [])).map { step in
                step.intValue.map { "[\($0)]" } ?? step.stringValue
            }.joined(separator: ".").replacing(".[", with: "[")
            return path.isEmpty ? "" : "\(path): "
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(at(context, key))missing"
        case .typeMismatch(_, let context): return "\(at(context))\(context.debugDescription)"
        case .valueNotFound(_, let context): return "\(at(context))\(context.debugDescription)"
        case .dataCorrupted(let context): return "\(at(context))\(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}
