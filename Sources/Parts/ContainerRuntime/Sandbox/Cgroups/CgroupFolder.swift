import CLinux
import Glibc
import Linux
import SystemPackage

/// The files and folders of a cgroup file system, which is ours to name and never hostile.
enum CgroupFolder {
    /// Makes each folder of a path whose first is there, calling `prepare` with each and its parent
    /// as it is entered. With `lastIsNew` the last must be new, and a left empty one is replaced.
    static func make(
        _ levels: [FilePath],
        lastIsNew: Bool = true,
        _ prepare: ((_ parent: FilePath, _ folder: FilePath) throws(SyscallError) -> Void)?
    ) throws(SyscallError) {
        // The end of the last container of a project removes the folders we are about to use.
        var attempts = 50
        while true {
            do throws(SyscallError) {
                try makeLevels(levels, lastIsNew: lastIsNew, prepare)
                return
            } catch {
                attempts -= 1
                // ENODEV: it went while it was in use.
                let isGone = error.errno == ENOENT || error.errno == ENODEV
                if !isGone || attempts == 0 { throw error }
            }
        }
    }

    private static func makeLevels(
        _ levels: [FilePath],
        lastIsNew: Bool,
        _ prepare: ((_ parent: FilePath, _ folder: FilePath) throws(SyscallError) -> Void)?
    ) throws(SyscallError) {
        // Those above are mostly there already, and each look at them waits for everybody else who
        // makes a group.
        if prepare == nil, levels.count > 2, let last = levels.last {
            do throws(SyscallError) {
                return try makeOne(last, mustBeNew: lastIsNew)
            } catch {
                if error.errno != ENOENT { throw error }
            }
        }
        for (parent, folder) in zip(levels, levels.dropFirst()) {
            try makeOne(folder, mustBeNew: lastIsNew && folder == levels.last)
            try prepare?(parent, folder)
        }
    }

    private static func makeOne(_ folder: FilePath, mustBeNew: Bool) throws(SyscallError) {
        let make = { () throws(SyscallError) in
            _ = try syscall("mkdir", on: folder.string) { mkdir(folder.string, 0o755) }
        }
        do throws(SyscallError) {
            try make()
        } catch {
            guard error.errno == EEXIST else { throw error }
            guard mustBeNew else { return }
            try removeOne(folder)
            try make()
        }
    }

    /// Removes a container's folder with what it made below, then those above that are empty.
    static func remove(_ levels: [FilePath]) throws(SyscallError) {
        guard let leaf = levels.last else { return }
        try removeOne(leaf)
        for folder in levels.dropFirst().dropLast().reversed() {
            guard rmdir(folder.string) == 0 || errno == ENOENT else { return }
        }
    }

    private static func removeOne(_ folder: FilePath) throws(SyscallError) {
        if rmdir(folder.string) == 0 || errno == ENOENT { return }
        for child in children(folder) { try removeOne(folder.appending(child)) }
        do throws(SyscallError) {
            _ = try syscall("rmdir", on: folder.string) { rmdir(folder.string) }
        } catch {
            if error.errno != ENOENT { throw error }
        }
    }

    /// Names of the groups directly below one.
    static func children(_ folder: FilePath) -> [String] { childrenIfAny(folder) ?? [] }

    /// As `children`; nil without the group itself.
    static func childrenIfAny(_ folder: FilePath) -> [String]? {
        guard let stream = opendir(folder.string) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == DT_DIR else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Switches controllers on for the children of a group. What cannot be switched on shows when
    /// a limit cannot be set.
    static func enable(_ controllers: Set<String>, in folder: FilePath) {
        let words = { (file: String) -> Set<String> in
            // `try?`: a file that cannot be read has no words, and the write below decides.
            let text = (try? read(folder.appending(file))) ?? ""
            return Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
        }
        let missing = controllers.intersection(words("cgroup.controllers"))
            .subtracting(words("cgroup.subtree_control"))
        for controller in missing.sorted() {
            // `try?`: see above; one that is refused must not keep the others off.
            try? write("+\(controller)", to: folder.appending("cgroup.subtree_control"))
        }
    }

    /// A new cpuset of version 1 is empty and lets nobody in.
    static func inheritCPUSet(from parent: FilePath, to folder: FilePath) throws(SyscallError) {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            let current = try read(folder.appending(file))
            if current.contains(where: { !$0.isWhitespace }) { continue }
            try write(try read(parent.appending(file)), to: folder.appending(file))
        }
    }

    static func open(_ folder: FilePath) throws(SyscallError) -> SharedFD {
        SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
    }

    static func read(_ path: FilePath) throws(SyscallError) -> String {
        String(decoding: try readFile(path, limit: 16 << 20), as: UTF8.self)
    }

    static func write(_ value: String, to path: FilePath) throws(SyscallError) {
        let file = try openFile(path, O_WRONLY)
        do throws(SyscallError) {
            try file.writeAll(Array(value.utf8))
        } catch {
            throw SyscallError(call: "write \(value) to", subject: path.string, errno: error.errno)
        }
    }

    /// Whether an error says that the machine lacks a setting or we may not use it.
    static func isRefusal(_ code: CInt) -> Bool {
        [EACCES, EPERM, EROFS, ENOENT, EOPNOTSUPP].contains(code)
    }
}
