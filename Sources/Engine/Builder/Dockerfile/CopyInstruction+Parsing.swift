extension CopyInstruction {
    private static let copyFlags = InstructionFlags.Known(
        strings: ["from", "chown", "chmod"],
        lists: ["exclude"],
        booleans: ["link", "parents"]
    )
    private static let addFlags = InstructionFlags.Known(
        strings: ["chown", "chmod", "checksum"],
        lists: ["exclude"],
        booleans: ["link", "parents", "unpack", "keep-git-dir"]
    )

    init(_ node: InstructionNode) throws(InstructionError) {
        let keyword = node.keyword.uppercased()
        let isAdd = keyword == "ADD"
        var flags = try InstructionFlags(node, isAdd ? Self.addFlags : Self.copyFlags)
        let written: [String]
        switch node.arguments {
        case .words(let list): written = Heredoc.joiningBareOpeners(list)
        case .strings(let list): written = list
        default: written = []
        }
        guard written.count >= 2, let last = written.last else {
            throw InstructionError(
                written.isEmpty
                    ? "\(keyword) requires at least two arguments"
                    : "\(keyword) requires at least two arguments, but only one was provided. "
                        + "Destination could not be determined"
            )
        }
        from = flags.take("from")
        owner = flags.take("chown")
        mode = flags.take("chmod")
        destination = last
        isLinked = try flags.takeBoolean("link") ?? false
        keepsParents = try flags.takeBoolean("parents") ?? false
        exclusions = flags.takeAll("exclude")
        if isAdd {
            add = Addition(
                checksum: flags.take("checksum"),
                unpacks: try flags.takeBoolean("unpack"),
                keepsGitFolder: try flags.takeBoolean("keep-git-dir")
            )
        }
        sources = []
        do {
            if try Heredoc(opening: last) != nil {
                throw InstructionError("\(keyword) cannot accept a heredoc as a destination")
            }
            for source in written.dropLast() {
                guard case .words = node.arguments, let opener = try Heredoc(opening: source),
                    let body = node.heredocs.first(where: { $0.name == opener.name })
                else {
                    sources.append(source)
                    continue
                }
                inlineFiles.append(body)
            }
        } catch let error as InstructionError {
            throw error
        } catch {
            throw InstructionError("\(error)")
        }
        if !inlineFiles.isEmpty, from != nil {
            throw InstructionError("COPY --from cannot be used with a heredoc")
        }
    }
}
