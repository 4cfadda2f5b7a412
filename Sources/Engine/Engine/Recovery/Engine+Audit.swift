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
    ///
    /// A look takes a moment, in which things begin and end. What it finds is looked for again after
    /// each of `pauses`, and only what every look finds is given.
    package func audit(
        pauses: [@Sendable () async throws -> Void] = [100, 300, 600].map { milliseconds in
            { try await Task.sleep(for: .milliseconds(milliseconds)) }
        }
    ) async throws -> [Finding] {
        var found = try await look()
        for pause in pauses where !found.isEmpty {
            try await pause()
            let again = Set(try await look())
            found.removeAll { !again.contains($0) }
        }
        return found
    }

    private func look() async throws -> [Finding] {
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
        let known = try await knownState(beside: processes)
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
                + abandonedWrites(in: layout.buildInputs)
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
    /// Containers that run, by the kernel's word and not only by their record, and those that
    /// begin or end.
    var running: Set<String>
    var volumes: Set<String>
    /// Projects with a record or a container.
    var projects: Set<String>
}

extension Engine {
    fileprivate func knownState(beside processes: [OwnProcess]) async throws -> KnownState {
        let observed = try await observe(project: nil)
        let projects = try await projects()
        var owners = try await knownOwners()
        var running = Set(
            observed.containers.filter { $0.initPID != nil }.map(\.record.id.text)
        )
        let changing = changing(observed.containers, owners, processes)
        owners.running.formUnion(changing)
        running.formUnion(changing)
        return KnownState(
            owners: owners,
            running: running,
            volumes: Set(observed.volumes.map(\.name)),
            projects: Set(
                [Layout.standaloneProject] + projects.map(\.name)
                    + observed.containers.map(\.supervisedBy)
                    + observed.networks.compactMap(\.project)
                    + observed.volumes.compactMap(\.project)
            )
        )
    }

    /// Containers that a living supervisor is starting, or whose end it has not yet written down:
    /// what they have in the kernel is its affair. One that is starting has a keeper and is wanted;
    /// one that has ended is still running by its record.
    private func changing(
        _ containers: [ObservedContainer],
        _ owners: KnownOwners,
        _ processes: [OwnProcess]
    ) -> Set<String> {
        let kept = Set(processes.compactMap(\.container))
        let candidates = containers.filter { container in
            guard container.initPID == nil else { return false }
            let id = container.record.id.text
            let isStarting = container.record.desired == .running && kept.contains(id)
            return owners.running.contains(id) || isStarting
        }
        let supervised = Set(candidates.map(\.supervisedBy)).filter(hasSupervisor)
        return Set(
            candidates.filter { supervised.contains($0.supervisedBy) }.map(\.record.id.text)
        )
    }
}

extension ObservedContainer {
    /// The name under which its supervisor works.
    fileprivate var supervisedBy: String { record.project ?? Layout.standaloneProject }
}

extension OwnProcess {
    /// The container that it keeps.
    fileprivate var container: String? {
        guard case .keeper(let container) = role else { return nil }
        return container
    }
}

/// The folders whose entries must each have a record.
private struct AuditedFolders {
    var containers: [FilePath]
    var volumes: [FilePath]
    var trash: [FilePath]
    var projects: [FilePath]
    private let layout: Layout

    init(_ layout: Layout) throws {
        self.layout = layout
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
            + unexplained(
                volumes,
                known.volumes,
                "no volume of that name; it stays, and the next volume of that name has what is in "
                    + "it: remove it if nobody needs it"
            )
            + unexplained(trash, [], "left from a removal that was cut short")
            + unexplained(projects, known.projects, "no project of that name").filter {
                !isOfAnother(FilePath($0.name))
            }
    }

    /// Whether another state folder works with it, which has the same run folder.
    private func isOfAnother(_ project: FilePath) -> Bool {
        project.removingLastComponent() == layout.projects
            && layout.isServed(project.lastComponent?.string ?? "")
    }
}
