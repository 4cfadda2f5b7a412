import OrderedCollections

extension Canonicaliser {
    /// The long form of one element of `volumes` of a service.
    func volume(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        var mount: Node
        switch node.value {
        case .map: mount = longVolume(node, &diagnostics)
        case .string(let text):
            if isOpen(node), (try? ShortVolume(text)) == nil { return node }
            mount = shortVolume(text, node, &diagnostics)
        default: return mismatch(node, "a string or a mapping", &diagnostics)
        }
        mount.update("target") { target in
            if let path = target.string { target.value = .string(PathBase.cleaned(path)) }
        }
        if mount["type"]?.string == "bind" {
            mount.update("source") { source in
                guard let path = source.string, !ShortVolume.isWindowsPath(path) else { return }
                source.value = .string(base.absolute(path))
            }
        }
        return mount
    }

    private func longVolume(_ node: Node, _ diagnostics: inout Diagnostics) -> Node {
        let mount = mapping(node, .mount, &diagnostics)
        guard let type = mount["type"]?.string else { return mount }
        if mount["target"]?.string?.isEmpty ?? true {
            diagnostics.problem(
                "\"target\" is missing",
                at: node.mark,
                hint: "the path inside the container"
            )
        }
        if type == "bind" || type == "image", mount["source"]?.string?.isEmpty ?? true {
            diagnostics.problem("\"source\" is missing", at: node.mark, hint: "what to mount")
        }
        return mount
    }

    private func shortVolume(_ text: String, _ node: Node, _ diagnostics: inout Diagnostics) -> Node
    {
        do {
            let short = try ShortVolume(text)
            for option in short.unknownOptions {
                diagnostics.warning(
                    "unknown volume option \"\(option)\" is ignored",
                    at: node.mark,
                    hint: diagnostics.suggestion(for: option, among: ShortVolume.options)
                )
            }
            if short.hasDriveLetter {
                let written = short.source ?? short.target
                diagnostics.warning(
                    short.source == nil
                        ? "\"\(written)\" is read as a Windows path: no volume "
                            + "\"\(written.prefix(1))\" is mounted"
                        : "\"\(written)\" is read as a Windows path",
                    at: node.mark,
                    hint: "give the volume a name of two letters or more"
                )
            }
            return node.with(.map(entries(of: short, node)))
        } catch {
            diagnostics.problem(error.message, at: node.mark, hint: "[SOURCE:]TARGET[:OPTIONS]")
            return node
        }
    }

    private func entries(of short: ShortVolume, _ node: Node) -> Node.Mapping {
        var entries = Node.Mapping(minimumCapacity: 5)
        entries["type"] = node.made(.string(short.isBind ? "bind" : "volume"))
        if let source = short.source { entries["source"] = node.made(.string(source)) }
        entries["target"] = node.made(.string(short.target))
        if short.isReadOnly { entries["read_only"] = node.made(.bool(true)) }
        var bind: Node.Mapping = [:]
        if let selinux = short.selinux { bind["selinux"] = node.made(.string(selinux)) }
        if let propagation = short.propagation {
            bind["propagation"] = node.made(.string(propagation))
        }
        if short.isBind {
            bind["create_host_path"] = node.made(.bool(true))
        } else {
            var volume: Node.Mapping = [:]
            if short.isNoCopy { volume["nocopy"] = node.made(.bool(true)) }
            // The reference says nothing of a volume at `/a`; what it prints is what we print.
            if node.string?.utf8.count ?? 0 > 2 { entries["volume"] = node.made(.map(volume)) }
        }
        if !bind.isEmpty { entries["bind"] = node.made(.map(bind)) }
        return entries
    }
}

/// The short form of an element of `volumes`: `[SOURCE:]TARGET[:OPTIONS]`.
struct ShortVolume {
    struct Failure: Error {
        var message: String
    }

    private(set) var source: String?
    private(set) var target: String
    private(set) var isReadOnly = false
    private(set) var isNoCopy = false
    private(set) var propagation: String?
    private(set) var selinux: String?
    private(set) var unknownOptions: [String] = []

    static let options =
        ["ro", "rw", "nocopy", "z", "Z", "cached", "delegated", "consistent"]
        + VolumeMount.Propagation.words

    init(_ text: String) throws(Failure) {
        guard !text.isEmpty else { throw Failure(message: "invalid empty volume spec") }
        let parts = Self.parts(of: text)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(message: "invalid spec: \(text): empty section between colons")
        }
        guard parts.count <= 3 else {
            throw Failure(message: "invalid spec: \(text): too many colons")
        }
        guard parts.count > 1 else {
            target = parts[0]
            return
        }
        source = parts[0]
        target = parts[1]
        guard parts.count == 3 else { return }
        for option in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
            apply(String(option))
        }
    }

    private mutating func apply(_ option: String) {
        switch option {
        case "ro": isReadOnly = true
        case "rw": isReadOnly = false
        case "nocopy": isNoCopy = true
        case "z", "Z": selinux = option
        case "cached", "delegated", "consistent": break
        case _ where VolumeMount.Propagation(option) != nil: propagation = option
        default: unknownOptions.append(option)
        }
    }

    /// A path of the machine rather than the name of a volume.
    var isBind: Bool {
        guard let source else { return false }
        return source.hasPrefix(".") || source.hasPrefix("/") || source.hasPrefix("~")
            || source.hasPrefix("\\\\") || Self.isWindowsPath(source)
    }

    static func isWindowsPath(_ text: String) -> Bool {
        text.utf8.dropFirst().first == UInt8(ascii: ":") && isLetter(text.utf8.prefix(1))
    }

    /// `v:/data`: a name of one letter, or a drive with slashes.
    var hasDriveLetter: Bool {
        [source ?? "", target].contains(where: Self.isDrive)
    }

    /// `v:/`, and what may follow.
    static func isDrive(_ text: String) -> Bool {
        isWindowsPath(text) && text.dropFirst(2).first == "/"
    }

    /// One letter, and nothing else.
    private static func isLetter(_ text: Substring.UTF8View) -> Bool {
        guard let byte = text.first, text.dropFirst().isEmpty else { return false }
        return (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }

    /// Splits at colons, but not inside `${…}` and not behind the letter of a Windows drive.
    private static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var depth = 0
        var start = text.startIndex
        var previous: UInt8 = 0
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if byte == UInt8(ascii: "{"), previous == UInt8(ascii: "$") {
                depth += 1
            } else if byte == UInt8(ascii: "}"), depth > 0 {
                depth -= 1
            } else if byte == UInt8(ascii: ":"), depth == 0, !isLetter(text.utf8[start..<index]) {
                parts.append(String(text[start..<index]))
                start = text.utf8.index(after: index)
            }
            previous = byte
        }
        parts.append(String(text[start...]))
        return parts
    }
}
