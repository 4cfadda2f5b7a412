import TextForms

/// An element of `tmpfs` of a service: `TARGET[:OPTIONS]`, with the options of tmpfs(5).
struct ShortTmpfs {
    /// Cleaned, when it is an absolute path.
    private(set) var target: String
    private(set) var sizeBytes: Int64?
    private(set) var mode: UInt32?
    private(set) var isReadOnly = false
    /// What else is asked for, as tmpfs(5) and mount(8) spell it.
    private(set) var options: [String] = []
    /// Values that mean nothing, in words that are shown, with what to write instead.
    private(set) var mistakes: [(message: String, hint: String)] = []
    /// Options that mean something, but that the engine does not carry out.
    private(set) var unsupported: [String] = []

    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        target = PathBase.cleaned(String(parts[0]))
        for option in parts.count > 1 ? parts[1].split(separator: ",") : [] {
            let pair = option.split(separator: "=", maxSplits: 1)
            apply(String(pair[0]), pair.count > 1 ? String(pair[1]) : "", option: String(option))
        }
    }

    private mutating func apply(_ key: String, _ value: String, option: String) {
        switch key {
        // A share of the memory.
        case "size" where value.hasSuffix("%") && UInt(value.dropLast()) != nil:
            options.append(option)
        case "size":
            guard let size = ByteSize.parse(value), size >= 0 else {
                mistakes.append(("\"\(value)\" is not a size", "a number with k, m or g: 64m"))
                return
            }
            sizeBytes = size
        case "mode":
            guard let mode = UInt32(value, radix: 8), fileModes.contains(mode) else {
                mistakes.append(("\"\(value)\" is not an octal mode", "such as 1777"))
                return
            }
            self.mode = mode
        case "ro": isReadOnly = true
        case "rw": isReadOnly = false
        // What every tmpfs has here anyway.
        case "nosuid", "nodev", "noexec": break
        case "uid", "gid":
            guard let number = Int32(value), number >= 0 else {
                mistakes.append(("\"\(value)\" is not a number of a \(key)", "such as 1000"))
                return
            }
            options.append(option)
        case "nr_inodes", "nr_blocks":
            guard let count = ByteSize.parse(value), count >= 0 else {
                mistakes.append(("\"\(value)\" is not a number", "such as 10k"))
                return
            }
            options.append("\(key)=\(count)")
        case "suid", "dev", "exec", "noatime", "nodiratime", "strictatime": options.append(key)
        case "atime", "diratime", "relatime", "async": break
        default: unsupported.append(option)
        }
    }
}

/// Permissions with the set-user-ID, set-group-ID and sticky bits. inode(7)
let fileModes: ClosedRange<UInt32> = 0...0o7777
