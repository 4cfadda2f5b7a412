import Linux
import SystemPackage

/// Builds have a folder and a lock each instead of records.
struct AuditedBuilds {
    /// The containers of the steps of builds that live.
    var containers: Set<String> = []
    var abandoned: [FilePath] = []

    init(_ layout: Layout) throws {
        let parent = layout.buildCache.appending("tmp")
        let suffix = ".lock"
        for name in try folderEntries(parent) where name.hasSuffix(suffix) {
            let folder = parent.appending(String(name.dropLast(suffix.count)))
            guard Layout.exists(folder) else { continue }
            if try FileLock.tryAcquire(parent.appending(name)) == nil {
                containers.formUnion(try folderEntries(folder))
            } else {
                abandoned.append(folder)
            }
        }
    }
}
