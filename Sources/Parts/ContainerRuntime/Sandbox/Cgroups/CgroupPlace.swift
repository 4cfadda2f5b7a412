import SystemPackage

/// Where a container's groups are below each mount point: beneath its project's, or beneath a group
/// that the user names (compose-spec `cgroup_parent`).
///
/// Who looks for a container's groups looks in ours. Where they are elsewhere there is a signpost: an
/// empty group that is called after the container and the path of the other parent.
struct CgroupPlace: Hashable, Sendable {
    private let top: String
    private let project: String
    private let id: String
    /// Names of the parent that the user asked for.
    private let parent: [String]?

    private static let separator: Character = "@"

    /// Takes the name of a project. The prefix keeps it apart from the kernel's own files (`tasks`).
    init(
        top: String,
        parent project: String,
        id: ContainerID,
        beneath parent: String? = nil
    ) throws(RuntimeError) {
        let isUsable = project.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 95, 45, 46: true
            default: false
            }
        }
        guard isUsable, !project.isEmpty, project.utf8.count < 240 else {
            throw RuntimeError(container: "", message: "\"\(project)\" cannot name a cgroup")
        }
        self.top = top
        self.project = "project-\(project)"
        self.id = id.text
        self.parent = try parent.map { text throws(RuntimeError) in try Self.names(of: text) }
    }

    /// The place of groups that are there already, by a group of ours.
    init(top: String, found entry: CgroupEntry, id: ContainerID) {
        self.top = top
        project = entry.project
        self.id = id.text
        let parts = (entry.path.lastComponent?.string ?? "")
            .split(separator: Self.separator, maxSplits: 1, omittingEmptySubsequences: false)
        parent = parts.count == 2 ? Self.decoded(parts[1]) : nil
    }

    /// Whose group of ours has a name; nil for one that is no container's.
    static func container(of name: String) -> ContainerID? {
        ContainerID(String(name.prefix { $0 != separator }))
    }

    /// Docker takes a path from the root of each hierarchy, with or without a slash at its start.
    private static func names(of text: String) throws(RuntimeError) -> [String] {
        let names = text.split(separator: "/").map(String.init).filter { $0 != "." }
        let isUsable = names.allSatisfy { name in
            name != ".." && name.utf8.allSatisfy { $0 > 32 && $0 != 127 }
        }
        guard isUsable, encoded(names).utf8.count <= 180 else {
            throw RuntimeError(
                container: "",
                message: "\"\(text)\" cannot be the parent of a cgroup",
                hint: "write a path without \"..\" and blanks, such as /batch"
            )
        }
        return names
    }

    private static func encoded(_ names: [String]) -> String {
        names.joined(separator: "/").replacing("%", with: "%25").replacing("/", with: "%2F")
    }

    private static func decoded(_ text: some StringProtocol) -> [String] {
        String(text).replacing("%2F", with: "/").replacing("%25", with: "%")
            .split(separator: "/").map(String.init)
    }

    private var names: [String] { parent.map { $0 + [id] } ?? [top, project, id] }

    /// The mount point and then each folder down to the container's.
    func levels(below mountPoint: FilePath) -> [FilePath] { Self.levels(names, below: mountPoint) }

    /// The container's folder.
    func leaf(below mountPoint: FilePath) -> FilePath {
        names.reduce(mountPoint) { $0.appending($1) }
    }

    /// As `levels`, of what leads to groups that are elsewhere; in one hierarchy, that is enough.
    func signpost(below mountPoints: [FilePath]) -> [FilePath]? {
        guard let parent, let mountPoint = mountPoints.first else { return nil }
        let names = [top, project, "\(id)\(Self.separator)\(Self.encoded(parent))"]
        return Self.levels(names, below: mountPoint)
    }

    /// What goes with the container, as `CgroupFolder.remove` takes it: its folders, and those above
    /// them that are ours. A parent that the user named stays, as with Docker: it has settings of its
    /// own.
    func removed(below mountPoints: [FilePath]) -> [[FilePath]] {
        let own = mountPoints.map { mountPoint in
            let levels = levels(below: mountPoint)
            return parent == nil ? levels : levels.suffix(2)
        }
        return own + (signpost(below: mountPoints).map { [$0] } ?? [])
    }

    private static func levels(_ names: [String], below mountPoint: FilePath) -> [FilePath] {
        names.reduce(into: [mountPoint]) { levels, name in
            levels.append((levels.last ?? mountPoint).appending(name))
        }
    }
}
