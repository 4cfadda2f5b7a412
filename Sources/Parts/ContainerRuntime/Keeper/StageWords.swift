import CLinux
import Linux

/// Turns what a keeper reports into what a user can act on. The lists are those of the spec that
/// the keeper was given, so that its `index` finds the name.
struct StageWords: Sendable {
    var container: String
    var program = ""
    var user = ""
    var workingDirectory = ""
    var mounts: [(source: String, target: String)] = []
    var layers: [String] = []
    var limits: [String] = []
    var sysctls: [String] = []
    /// The containers whose namespaces are shared; empty for what enters a container.
    var joins: [String] = []
    var maskedPaths: [String] = []
    var readOnlyPaths: [String] = []
    var devices: [String] = []
    var appArmor = ""

    /// Why a start failed.
    func failure(_ event: keeper_event) -> RuntimeError {
        let reason = SyscallError(call: "", subject: "", errno: event.error).reason.lowercasedFirst
        let stage = KeeperStage(rawValue: event.stage)
        if stage == .exec {
            return execFailure(event.error, reason, isThere: event.index == KEEPER_FILE_IS_THERE)
        }
        if stage == .killed {
            let why =
                event.error == ENOMEM
                ? "out of memory while it was set up; its memory limit is too small"
                : "killed while it was set up"
            return RuntimeError(container: container, message: why, exitCode: 128)
        }
        let what = stage.map { subject($0, Int(event.index)) } ?? "start (stage \(event.stage))"
        var error = RuntimeError(
            container: container,
            message: "cannot \(what): \(reason)",
            exitCode: stage == .workingDirectory ? Self.pathCode(event.error) : 128
        )
        if stage == .mountTarget { error.hint = kindsHint(event.error, Int(event.index)) }
        return error
    }

    /// Docker's code for a path of a process that cannot be used.
    private static func pathCode(_ error: Int32) -> Int32 {
        switch error {
        case ENOENT, ENOTDIR: 127
        case EACCES: 126
        default: 128
        }
    }

    /// What a mount point of the wrong kind means: a folder goes on a folder, a file on a file.
    private func kindsHint(_ code: Int32, _ index: Int) -> String? {
        let (source, target) = mount(index)
        return switch code {
        case EISDIR: "\(source) is a file, and \(target) a folder: name the file in it, too"
        case ENOTDIR:
            "\(source) cannot be mounted there: a folder goes on a folder, a file on a file"
        default: nil
        }
    }

    /// What was left out.
    func warning(_ event: keeper_event) -> String {
        let reason = SyscallError(call: "", subject: "", errno: event.error).reason.lowercasedFirst
        let stage = KeeperStage(rawValue: event.stage)
        let what = stage.map { subject($0, Int(event.index)) } ?? "do something"
        return "\(container): could not \(what): \(reason)"
    }

    /// Docker's runtime looks for the program first; what the kernel then refuses is a program that
    /// ended with 255.
    private func execFailure(_ code: Int32, _ reason: String, isThere: Bool) -> RuntimeError {
        var error = RuntimeError(
            container: container,
            message: "cannot exec \(program): \(reason)",
            exitCode: 255
        )
        switch code {
        case ENOENT where isThere:
            error.hint = "the interpreter that the file names is not in the image"
        case ENOENT where !program.utf8.contains(UInt8(ascii: "/")):
            error.message = "cannot exec \(program): not found in the container's PATH"
            error.exitCode = 127
        case ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG:
            error.exitCode = Self.pathCode(code)
        case ENOEXEC:
            error.hint = "built for another architecture, or a script without a #! line"
        default: break
        }
        return error
    }

    private func subject(_ stage: KeeperStage, _ index: Int) -> String {
        switch stage {
        case .spec: "read the container's spec (berth and berth-keeper are of different builds)"
        case .namespaces: "make the namespaces"
        case .cgroup: "join the cgroup"
        case .mountSource: "open \(mount(index).source) to mount it at \(mount(index).target)"
        case .propagation: "make the mounts private"
        case .layer: "open the image's layer \(layers.at(index))"
        case .rootFileSystem: "mount the root file system"
        case .mountTarget: "make the mount point \(mount(index).target)"
        case .mountTargetProtected: "mount at \(mount(index).target), which leads into /proc"
        case .mount: "mount \(mount(index).source) at \(mount(index).target)"
        case .device: "make the device \(devices.at(index))"
        case .sysctl: "set \(sysctls.at(index))"
        case .maskedPath: "mask \(maskedPaths.at(index))"
        case .readOnlyPath: "make \(readOnlyPaths.at(index)) read-only"
        case .readOnlyRoot: "make the root file system read-only"
        case .pivotRoot: "change the root file system"
        case .hostname: "set the host name"
        case .keyring: "make a session keyring"
        case .limit: "set the limit \(limits.at(index))"
        case .stdio: "pass on standard input and output"
        case .terminal: "make a terminal"
        case .workingDirectory: "enter the working directory \(workingDirectory)"
        case .capabilities: "set the capabilities"
        case .groups: "set the groups of user \(user)"
        case .user: "become user \(user)"
        case .noNewPrivileges: "set no_new_privs"
        case .seccomp: "install the seccomp filter"
        case .initProcess: "start the program under its init"
        case .exec: "exec \(program)"
        case .join:
            joins.isEmpty
                ? "enter the container" : "share the namespaces of container \(joins.at(index))"
        case .oomScore: "set oom_score_adj, which takes CAP_SYS_RESOURCE to lower"
        case .appArmor: "execute under the AppArmor profile \(appArmor)"
        case .log: "open the log"
        case .state: "write the container's state"
        case .killed: "start"
        }
    }

    private func mount(_ index: Int) -> (source: String, target: String) {
        mounts.indices.contains(index) ? mounts[index] : ("something", "some place")
    }
}

extension [String] {
    fileprivate func at(_ index: Int) -> String { indices.contains(index) ? self[index] : "?" }
}

extension String {
    /// The C library's reasons begin with a capital; ours stand behind a colon.
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
