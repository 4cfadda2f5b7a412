import CLinux
import Glibc
import Linux
import SystemPackage

extension ContainerRuntime {
    /// What was mounted for a container and is not there any more, or shows a folder of the host that
    /// was removed. Its targets are looked up beneath its root: what is in it is hostile.
    func mountFaults(of expected: ContainerExpectation) throws -> [ContainerFault] {
        guard !expected.mounts.isEmpty else { return [] }
        guard let root = try rootIfAlive(expected.running.initPID) else { return [] }
        return expected.mounts.compactMap { mount in
            difference(of: mount, beneath: root).map {
                ContainerFault(
                    container: expected.running.id,
                    containerName: expected.name,
                    subject: .mount(target: mount.target),
                    reason: $0
                )
            }
        }
    }

    private func rootIfAlive(_ pid: Int32) throws(SyscallError) -> Root? {
        do throws(SyscallError) {
            return try Root(FilePath("/proc/\(pid)/root"))
        } catch  where [ENOENT, ESRCH, EACCES].contains(error.errno) {
            return nil
        }
    }

    private func difference(of mount: MountSpec, beneath root: Root) -> String? {
        let again = "`berth restart` mounts it again"
        let missing = "nothing is mounted there any more; \(again)"
        let file: SharedFD
        do throws(SyscallError) {
            file = SharedFD(try root.open(FilePath(mount.target), O_PATH))
        } catch {
            // Any other error: it cannot be seen, which says nothing.
            return [ENOENT, ENOTDIR].contains(error.errno) ? missing : nil
        }
        var status = statx()
        let isKnown = file.with { berth_statx($0, &status) == 0 }
        let isMountRoot = UInt64(STATX_ATTR_MOUNT_ROOT)
        guard isKnown, status.stx_attributes_mask & isMountRoot != 0 else { return nil }
        guard status.stx_attributes & isMountRoot != 0 else { return missing }
        // A file that an editor has replaced is gone like this, too, and nobody's mistake.
        guard UInt32(status.stx_mode) & S_IFMT == S_IFDIR, status.stx_nlink == 0 else { return nil }
        return switch mount.source {
        case .volume, .anonymousVolume:
            "the folder of its volume was removed; what is in it is there until the container ends: "
                + "copy it out with `berth exec` first, then \(again) with a new folder"
        case .bind(let path, _):
            "\(path) was removed on the host, and the container shows the former folder; make it "
                + "again, then \(again)"
        case .given(let file):
            if case .host(let path) = file.origin {
                "\(path) was removed on the host, and the container shows the former folder; make "
                    + "it again, then \(again)"
            } else {
                nil
            }
        case .tmpfs, .image: nil
        }
    }
}
