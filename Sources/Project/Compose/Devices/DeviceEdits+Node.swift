import OrderedCollections

/// What is wrong with a file of the Container Device Interface, or not carried out of it.
struct CDIMistake: Error {
    var message: String
    var hint: String?
}

extension DeviceEdits {
    /// Adds what a `containerEdits` of a file asks for.
    /// - Throws: for what is not carried out: nothing that a device needs is left out.
    mutating func add(_ edits: Node) throws(CDIMistake) {
        for (key, part) in edits.map ?? [:] where !part.isNull {
            switch key {
            case "env": environment += part.strings
            case "deviceNodes": for item in part.list ?? [] { nodes.append(try DeviceNode(item)) }
            case "mounts": for item in part.list ?? [] { mounts.append(try Mount(item)) }
            case "additionalGids":
                groups += (part.list ?? []).compactMap { $0.int.flatMap { UInt32(exactly: $0) } }
            case "hooks" where !(part.list ?? []).isEmpty:
                let names = (part.list ?? []).map { $0["hookName"]?.string ?? "?" }
                throw CDIMistake(
                    message: "its hooks (\(names.joined(separator: ", "))) are not carried out",
                    hint: "generate the file without them, such as with "
                        + "nvidia-ctk cdi generate --disable-hook=all"
                )
            case "hooks": break
            default:
                throw CDIMistake(message: "its \(key) is not carried out")
            }
        }
    }
}

extension DeviceEdits.DeviceNode {
    fileprivate init(_ node: Node) throws(CDIMistake) {
        guard let path = node["path"]?.string, path.hasPrefix("/") else {
            throw CDIMistake(message: "a device node of it has no path")
        }
        if let type = node["type"]?.string, !["b", "c", "u", ""].contains(type) {
            throw CDIMistake(message: "\(path) of it is not a device (type \(type))")
        }
        let permissions = node["permissions"]?.string ?? ""
        guard permissions.isEmpty || DeviceRule.isPermissions(permissions) else {
            throw CDIMistake(message: "\"\(permissions)\" of \(path) are not permissions")
        }
        func number(_ key: String) -> UInt32? {
            node[key]?.int.flatMap { UInt32(exactly: $0) }
        }
        self.path = path
        hostPath = node["hostPath"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? path
        self.permissions = permissions.isEmpty ? "rwm" : permissions
        // Docker's for a device whose file says none.
        mode = (number("fileMode") ?? 0o666) & 0o7777
        user = number("uid") ?? 0
        group = number("gid") ?? 0
    }
}

extension DeviceEdits.Mount {
    /// What every bind is, or what is looked at by itself.
    private static let usual: Set<String> = [
        "ro", "rw", "bind", "rbind", "private", "rprivate", "exec", "suid", "dev", "relatime",
    ]
    private static let confining: Set<String> = ["nosuid", "nodev", "noexec"]

    fileprivate init(_ node: Node) throws(CDIMistake) {
        guard let source = node["hostPath"]?.string, source.hasPrefix("/"),
            let target = node["containerPath"]?.string, target.hasPrefix("/")
        else { throw CDIMistake(message: "a mount of it has no hostPath or containerPath") }
        let options = node["options"]?.strings ?? []
        if let other = options.first(where: { !Self.usual.union(Self.confining).contains($0) }) {
            throw CDIMistake(
                message: "the option \(other) of its mount \(target) is not carried out"
            )
        }
        if let type = node["type"]?.string, !["bind", "none", ""].contains(type) {
            throw CDIMistake(message: "its mount \(target) of type \(type) is not carried out")
        }
        hostPath = source
        containerPath = target
        readOnly = options.contains("ro")
        isRecursive = options.contains("rbind")
        self.options = options.filter(Self.confining.contains)
    }
}
