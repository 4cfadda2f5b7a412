extension LoadSession {
    /// The content of an env file, or of another that a service names, read once however many do.
    mutating func namedFile(
        _ path: String,
        askedAt place: Mark,
        missing: String? = nil,
        attribute: String?
    ) -> (mark: Mark, bytes: [UInt8])? {
        if let known = envFiles[path] { return known }
        guard isRoomForFile(askedAt: place) else { return nil }
        do throws(FileReadError) {
            if files.kind(of: path) == .directory { throw FileReadError(reason: "is a directory") }
            let bytes = try files.read(path)
            guard bytes.count <= limits.fileBytes else {
                throw FileReadError(reason: "larger than \(limits.fileBytes >> 20) MiB")
            }
            let origin = place.line == 0 ? nil : Diagnostics.Origin(kind: .named, place: place)
            let file = diagnostics.sources.add(
                name: displayName(of: path),
                bytes: bytes,
                origin: origin
            )
            envFiles[path] = (file, bytes)
            return (file, bytes)
        } catch {
            let isMissing = missing != nil && files.kind(of: path) == nil
            let words = attribute == nil ? "couldn't find env file: " : "cannot read "
            diagnostics.problem(
                (isMissing ? missing : nil) ?? words + "\(path): \(error.reason)",
                at: place,
                hint: place.line == 0 ? nil : isMissing ? "create it" : "name a file",
                path: attribute
            )
            return nil
        }
    }
}
