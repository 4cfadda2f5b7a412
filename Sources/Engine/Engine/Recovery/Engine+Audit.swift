import ContainerNetwork
import ContainerRuntime
import GRDB
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage

extension Engine {
    /// Every mount, link, firewall element, cgroup, process and directory of ours that no record
    /// explains, and everything that records say and the kernel does not have or has otherwise; empty
    /// on a healthy machine. Only what is this state folder's. Changes nothing. What another command is making at this
    /// moment has its record first and is explained.
    package func audit() async throws -> [Finding] {
        try await leftovers() + differences()
    }

    private func leftovers() async throws -> [Finding] {
        // The world is listed before the records are read: something new is in neither or in both.
        let mounts = try MountInfo.current()
        let objects = try await kernel.inventory()
        let processes = ProcessTable.ours(beneath: layout)
        let cgroups = runtime.cgroups.entries()
        let folders = try AuditedFolders(layout)
        let builds = try AuditedBuilds(layout)
        let known = try await knownState()
        let images = Set(try await images().map(\.image.id))
        return mounts.compactMap { explain($0, images) }
            + objects.compactMap { Self.explain($0, known.owners) }
            + Self.explain(cgroups, known.running.union(builds.containers))
            + processes.compactMap { Self.explain($0, known) }
            + folders.findings(known)
            + builds.abandoned.map {
                Finding(.directory, $0.string, "left by a build that was killed")
            } + (try abandonedBootstrap()) + (try remains())
    }

    /// What is half made, and whose maker was killed.
    private func remains() throws -> [Finding] {
        let cache = layout.buildCache.appending("cache")
        let shards = try folderEntries(cache).map { cache.appending($0) }
        let paths = try shards.reduce(
            into: imageStore.remains() + abandonedWrites(in: layout.buildCache)
        ) { $0 += try abandonedWrites(in: $1) }
        return paths.map { path in
            var status = stat()
            let isFolder = lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            return Finding(
                isFolder ? .directory : .file,
                path.string,
                "left by a command that was killed; the next `build`, `pull` or `up` removes it"
            )
        }
    }

    /// One at work holds its lock.
    private func abandonedBootstrap() throws -> [Finding] {
        let tree = layout.bootstrap.appending("tree")
        guard Layout.exists(tree),
            try FileLock.tryAcquire(layout.bootstrap.appending("lock")) != nil
        else { return [] }
        return [
            Finding(
                .directory,
                tree.string,
                "left by an `image bootstrap` that was killed; the next one removes it"
            )
        ]
    }

    /// Containers mount inside their own namespaces; the host's table has only images that somebody
    /// looks at.
    private func explain(_ mount: MountInfo, _ images: Set<Digest>) -> Finding? {
        if let shown = ImageMount(mount, layout) {
            guard !images.contains(shown.image) else { return nil }
            return Finding(
                .mount,
                mount.mountPoint,
                "it shows image \(shown.image.hex.prefix(12)), which is gone; "
                    + "`berth image unmount \(mount.mountPoint)`"
            )
        }
        let path = FilePath(mount.mountPoint)
        let isOurs = path.starts(with: layout.root) && path != layout.root
        guard isOurs || (path.starts(with: layout.run) && path != layout.run) else { return nil }
        return Finding(
            .mount,
            mount.mountPoint,
            "a \(mount.fileSystemType) is mounted in the state folder"
        )
    }

    private static func explain(_ object: NetworkObject, _ owners: KnownOwners) -> Finding? {
        let kind: Finding.Kind =
            switch object.kind {
            case .bridge, .veth: .link
            case .element: .firewall
            }
        switch owners.explain(object) {
        case .owner, .foreign: return nil
        case .stopped:
            return Finding(kind, object.name, "its container does not run (\(object))")
        case .abandoned:
            return Finding(
                kind,
                object.name,
                "left by a build that was killed; the next `build` or `up` removes it (\(object))"
            )
        case .nobody: return Finding(kind, object.name, "its owner has no record (\(object))")
        case .unknown:
            return Finding(
                kind,
                object.name,
                "it is in our firewall table and does not say whose it is"
            )
        }
    }

    /// A container's groups go when it ends, a project's with its last container, the topmost with
    /// the last project.
    private static func explain(_ cgroups: [CgroupEntry], _ explained: Set<String>) -> [Finding] {
        cgroups.unused.map { Finding(.cgroup, $0.path.string, "it has no containers") }
            + cgroups.filter { $0.container.map { !explained.contains($0.text) } ?? false }
            .map { Finding(.cgroup, $0.path.string, "its container does not run") }
    }

    private static func explain(_ process: OwnProcess, _ known: KnownState) -> Finding? {
        switch process.role {
        case .keeper(let container):
            guard !known.running.contains(container) else { return nil }
            return Finding(
                .process,
                "\(process.pid) (\(process.name))",
                "it keeps container \(container.prefix(12)), which no record says is running"
            )
        case .supervisor(let project):
            guard !known.projects.contains(project) else { return nil }
            return Finding(
                .process,
                "\(process.pid) (\(process.name))",
                "it supervises project `\(project)`, which has no containers"
            )
        }
    }
}

/// What the records say, as far as the audit asks.
struct KnownState: Sendable {
    var owners: KnownOwners
    /// Containers that run, by the kernel's word and not only by their record.
    var running: Set<String>
    var volumes: Set<String>
    /// Projects with a record or a container.
    var projects: Set<String>
}

extension Engine {
    fileprivate func knownState() async throws -> KnownState {
        let observed = try await observe(project: nil)
        let projects = try await projects()
        return KnownState(
            owners: try await knownOwners(),
            running: Set(observed.containers.filter { $0.initPID != nil }.map(\.record.id.text)),
            volumes: Set(observed.volumes.map(\.name)),
            projects: Set(
                projects.map(\.name)
                    + observed.containers.map { $0.record.project ?? Layout.standaloneProject }
                    + observed.networks.compactMap(\.project)
                    + observed.volumes.compactMap(\.project)
            )
        )
    }
}

/// The folders whose entries must each have a record.
private struct AuditedFolders {
    var containers: [FilePath]
    var volumes: [FilePath]
    var trash: [FilePath]
    var projects: [FilePath]

    init(_ layout: Layout) throws {
        func paths(_ folder: FilePath) throws -> [FilePath] {
            try folderEntries(folder).map { folder.appending($0) }
        }
        containers = try paths(layout.containers)
        volumes = try paths(layout.volumes)
        trash = try paths(layout.trash)
        projects = try paths(layout.projects) + paths(layout.locks)
    }

    func findings(_ known: KnownState) -> [Finding] {
        func unexplained(
            _ paths: [FilePath],
            _ names: Set<String>,
            _ reason: String
        ) -> [Finding] {
            paths.filter { !names.contains($0.lastComponent?.string ?? "") }
                .map { Finding(.directory, $0.string, reason) }
        }
        return unexplained(containers, known.owners.containers, "no container of that name")
            + unexplained(volumes, known.volumes, "no volume of that name")
            + unexplained(trash, [], "left from a removal that was cut short")
            + unexplained(projects, known.projects, "no project of that name")
    }
}
