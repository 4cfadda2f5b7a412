import Linux
import SystemPackage
struct ContainerCgroup: Sendable {
    static func create(_ id: ContainerID, parent: String, limits: ResourceLimits) throws
        -> ContainerCgroup
    { ContainerCgroup() }
    static func removeAll(of id: ContainerID) throws {}
    func remove() throws {}
    var directory: SharedFD? = nil
    var joins: [SharedFD] = []
    var oomEvents: SharedFD? = nil
    var paths: [FilePath] = []
    var binds: [(source: FilePath, target: String)] = []
    var warnings: [String] = []
}
struct ProcessCgroup: Sendable {
    static func create(in pid: Int32) throws -> ProcessCgroup { ProcessCgroup() }
    func remove() throws {}
    var directory: SharedFD? = nil
    var kill: SharedFD? = nil
    var joins: [SharedFD] = []
    var paths: [FilePath] = []
}
