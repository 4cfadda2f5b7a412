import OCI

/// What a step's result depends on, each part by itself, so that the next build can say what changed.
/// Values are kept as digests: an ARG may be what nobody should read.
struct StepFacts: Codable, Equatable, Sendable {
    /// What a part is called in a sentence, and a digest of it.
    private(set) var parts: [String: String] = [:]
    /// Of a COPY: each file, and a digest of its content, mode and owner. nil where there are too many.
    private(set) var files: [String: String]?
    /// Of a COPY: a digest of all its files. nil where they were not looked at: what lies below them is
    /// known by another name already.
    private(set) var content: String?

    /// Most files that are noted one by one.
    static let fileLimit = 20_000
    /// What lies below the step.
    static let below = "what it builds upon"
    /// The stage or image that a COPY takes files from.
    static let origin = "what it copies from"

    mutating func note(_ name: String, _ values: [String]) {
        var key = KeyDigest("fact 1")
        key.add(values)
        parts[name] = key.finish().hex
    }

    mutating func note(_ name: String, _ value: String) { note(name, [value]) }

    /// Variables, `NAME=value`.
    mutating func note(variables: [String]) {
        for variable in variables {
            note("the variable \(variable.prefix { $0 != "=" })", variable)
        }
    }

    mutating func note(files: [String: String]?, content: [String]) {
        self.files = files
        self.content = content.joined(separator: " ")
    }

    /// Takes over what an earlier build saw of the files of a COPY, where this one did not have to look.
    mutating func inheritFiles(of earlier: StepFacts?) {
        let origin = parts[Self.origin]
        guard content == nil, let earlier, origin != nil, origin == earlier.parts[Self.origin]
        else {
            return
        }
        (files, content) = (earlier.files, earlier.content)
    }

    /// What is different from an earlier build, in words; empty where nothing is.
    func changes(since earlier: StepFacts) -> [String] {
        var changes: [String] = []
        for name in Set(parts.keys).union(earlier.parts.keys).sorted() {
            switch (parts[name], earlier.parts[name]) {
            case let (now?, before?) where now != before: changes.append("\(name) changed")
            case (_?, nil): changes.append("\(name) is new")
            case (nil, _?): changes.append("\(name) is gone")
            default: break
            }
        }
        return fileChanges(since: earlier) + changes
    }

    private func fileChanges(since earlier: StepFacts) -> [String] {
        guard let files, let before = earlier.files else {
            let isKnown = content != nil && earlier.content != nil
            return isKnown && content != earlier.content ? ["its files changed"] : []
        }
        var changes: [String] = []
        for name in Set(files.keys).union(before.keys).sorted() where files[name] != before[name] {
            if before[name] == nil {
                changes.append("\(name) is new")
            } else {
                changes.append(files[name] == nil ? "\(name) is gone" : "\(name) changed")
            }
        }
        let limit = 3
        guard changes.count > limit else { return changes }
        return changes.prefix(limit) + ["\(changes.count - limit) more files changed"]
    }
}
