import CLinux
import Glibc
import Linux
import SystemPackage

/// What `berth init` knows of a folder: the names in it, and the text of the files that say what it
/// is made of. A value, so that what is made of it needs no disk.
struct Repository: Equatable {
    /// The folder's own name.
    var name: String
    /// Names of files and folders, folders with a `/` behind.
    var names: Set<String> = []
    /// What the files hold that were read, by their path below the folder.
    var texts: [String: String] = [:]
    /// The folders directly below, by name.
    var folders: [String: Repository] = [:]

    func has(_ name: String) -> Bool { names.contains(name) }

    /// The text of a file; empty when there is none.
    func text(_ path: String) -> String { texts[path] ?? "" }

    /// The first file that ends like this, in order of names.
    func file(endingIn suffix: String) -> String? {
        names.sorted().first { $0.hasSuffix(suffix) }
    }
}

extension Repository {
    /// Files that are read; everything else is known by its name alone.
    private static let manifests: Set<String> = [
        "requirements.txt", "pyproject.toml", "Pipfile", "setup.py", ".python-version",
        "package.json",
        ".nvmrc", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "Gemfile",
        ".ruby-version", "composer.json", "Package.swift", "index.html", "main.py", "app.py",
    ]
    private static let longestManifest = 1 << 20
    private static let mostNames = 10_000
    /// What is no part of what a repository's people wrote.
    private static let left: Set<String> = [
        "node_modules", "vendor", "target", "build", "dist", "venv", "__pycache__", "docs", "test",
        "tests", "bin", "obj",
    ]

    /// Looks at a folder and at those directly below it. Links are not followed.
    /// - Throws: when the folder cannot be read.
    init(at path: FilePath, depth: Int = 1) throws {
        self.init(name: path.lastComponent?.string ?? "app")
        guard let stream = opendir(path.string) else {
            throw SyscallError(call: "open", subject: path.string, errno: errno)
        }
        defer { closedir(stream) }
        while let entry = readdir(stream), names.count < Self.mostNames {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let inner = path.appending(name)
            var status = stat()
            guard lstat(inner.string, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                names.insert(name + "/")
                guard depth > 0, !name.hasPrefix("."), !Self.left.contains(name) else { continue }
                // `try?`: a folder that nobody may read says nothing of itself.
                folders[name] = try? Repository(at: inner, depth: depth - 1)
            case S_IFREG:
                names.insert(name)
                guard Self.manifests.contains(name) || name.hasSuffix("proj") else { continue }
                // `try?`: as above.
                let bytes = (try? readFile(inner, limit: Self.longestManifest)) ?? []
                texts[name] = String(decoding: bytes, as: UTF8.self)
            default: continue
            }
        }
    }
}
