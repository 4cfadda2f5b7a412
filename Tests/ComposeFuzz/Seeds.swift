import Foundation

/// What inputs are made from: projects, env files and templates, found in folders.
struct Seeds: Sendable {
    /// Files of one project by path under `/project`; `compose.yaml` is among them.
    private(set) var projects: [[String: [UInt8]]] = []
    private(set) var envFiles: [[UInt8]] = []

    /// Longer files are left out: they only make the rounds slower.
    private static let sizeLimit = 32 << 10
    private static let mainNames = [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    ]

    /// Reads every project below the folders, in an order that does not depend on the disk.
    init(folders: [String]) throws {
        for folder in folders {
            let root = URL(filePath: folder).resolvingSymlinksInPath()
            let found = FileManager.default.enumerator(atPath: root.path)
            for path in (found?.allObjects as? [String] ?? []).sorted() {
                let file = root.appending(path: path)
                guard let bytes = Self.content(file) else { continue }
                if Self.mainNames.contains(file.lastPathComponent) {
                    projects.append(Self.project(file, bytes))
                } else if file.lastPathComponent.contains(".env")
                    || file.pathExtension == "env"
                {
                    envFiles.append(bytes)
                }
            }
        }
        guard !projects.isEmpty else { throw FuzzError("no compose file below \(folders)") }
        envFiles.append(Array("A=1\nexport B=\"x $A ${A:-y}\"\nC='q'\nD: e # f\nG\n".utf8))
    }

    private static func content(_ file: URL) -> [UInt8]? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
            !isFolder.boolValue,
            let data = FileManager.default.contents(atPath: file.path), data.count <= sizeLimit
        else { return nil }
        return Array(data)
    }

    /// A compose file with what stands beside and below it.
    private static func project(_ main: URL, _ bytes: [UInt8]) -> [String: [UInt8]] {
        var files = [FuzzInput.main: bytes]
        let folder = main.deletingLastPathComponent()
        let found = FileManager.default.enumerator(atPath: folder.path)
        for path in (found?.allObjects as? [String] ?? []).sorted().prefix(40) {
            let name = (path as NSString).lastPathComponent
            guard !name.hasPrefix("expected."), !name.hasSuffix(".json"),
                path != main.lastPathComponent,
                let bytes = content(folder.appending(path: path))
            else { continue }
            files["/project/" + path] = bytes
        }
        return files
    }
}

/// Why the fuzzer cannot run.
struct FuzzError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
