/// Reads the documents of a file into trees; nil when they could not be read to the end. Problems
/// go into the diagnostics.
func parseDocuments(
    _ bytes: [UInt8],
    file: Mark,
    limits: LoadLimits,
    diagnostics: inout Diagnostics
) -> [Node]? {
    guard bytes.count <= limits.fileBytes else {
        diagnostics.problem("the file is larger than \(limits.fileBytes >> 20) MiB", at: file)
        return nil
    }
    guard !hasMoreDirectives(than: limits.directives, bytes) else {
        diagnostics.problem("the file has more than \(limits.directives) % directives", at: file)
        return nil
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var builder = TreeBuilder(parser: YAMLParser(buffer, file: file), limits: limits)
        return builder.documents(&diagnostics)
    }
}

/// Whether more lines begin with `%` than are allowed; in text they would be indented.
private func hasMoreDirectives(than limit: Int, _ bytes: [UInt8]) -> Bool {
    guard bytes.contains(UInt8(ascii: "%")) else { return false }
    var count = 0
    var previous = UInt8(ascii: "\n")
    for byte in bytes {
        if byte == UInt8(ascii: "%"), previous == UInt8(ascii: "\n") { count += 1 }
        previous = byte
    }
    return count > limit
}
