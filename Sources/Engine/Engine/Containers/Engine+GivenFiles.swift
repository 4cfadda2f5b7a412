package import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// The content of a config or a secret. It is shown nowhere.
package struct FileContent: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// Takes the whole content.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var description: String { "(not shown)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Configs and secrets that are files of a container's own. Configs are in its folder. Secrets are
/// below `<run>`, in memory: they are gone when the machine is, and `up` writes them again.
extension Engine {
    /// Writes those of a container that are not there yet. `contents` are by target; what is not
    /// among them is left as it is.
    package func give(
        _ contents: [String: FileContent],
        to id: ContainerID,
        of spec: ContainerSpec
    ) throws {
        guard !contents.isEmpty else { return }
        for (place, target, file) in spec.writtenFiles {
            guard let content = contents[target] else { continue }
            let path = path(of: file, place, id)
            if Layout.exists(path) { continue }
            do {
                try Layout.make(path.removingLastComponent())
                try write(content, file, to: path)
            } catch {
                throw EngineError(
                    .failed,
                    "cannot write \(file.kind.rawValue) `\(file.name)` of container \(id.short)",
                    because: "\(error)"
                )
            }
        }
    }

    /// Owner and mode are as asked for before it has its name.
    private func write(_ content: FileContent, _ file: GivenFile, to path: FilePath) throws {
        guard case .written(let user, let group, let mode) = file.origin else { return }
        var temporary = path
        temporary.removeLastComponent()
        temporary.append(".\(ContainerID.random().short)")
        do {
            try atomicWrite(content.bytes, to: temporary, mode: 0o600, synced: false)
            try temporary.withPlatformString { name in
                _ = try syscall("chown", on: path.string) { chown(name, user, group) }
                _ = try syscall("chmod", on: path.string) { chmod(name, mode) }
                _ = try syscall("rename", on: path.string) { rename(name, path.string) }
            }
        } catch {
            _ = temporary.withPlatformString { unlink($0) }
            throw error
        }
    }

    /// Where those of a container are that is to be started, by target.
    func writtenFiles(
        of record: ContainerRecord,
        _ spec: ContainerSpec
    ) throws -> [String: FilePath] {
        var paths: [String: FilePath] = [:]
        for (place, target, file) in spec.writtenFiles {
            let path = path(of: file, place, record.id)
            guard Layout.exists(path) else {
                throw EngineError(
                    .state,
                    "cannot start container `\(record.name)`",
                    because: file.kind == .secret
                        ? "its secret `\(file.name)` is gone: it was in memory only, and the machine "
                            + "or \(layout.run) began anew"
                        : "its config `\(file.name)` is gone",
                    remedy: "`berth up` writes it again"
                )
            }
            paths[target] = path
        }
        return paths
    }

    /// What is not there is no error.
    func removeSecrets(of id: String) throws {
        let folder = layout.secrets(of: id)
        if Layout.exists(folder) { try removeTree(folder) }
    }

    private func path(of file: GivenFile, _ place: Int, _ id: ContainerID) -> FilePath {
        let folder =
            switch file.kind {
            case .config: layout.container(id.text).appending("configs")
            case .secret: layout.secrets(of: id.text)
            }
        return folder.appending("\(place)")
    }
}
