import CLinux
import Glibc
import Linux
package import SystemPackage

/// What lies in `<root>/containers/<id>`.
package struct ContainerFolder: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// What the container changed; an overlay upper directory.
    package var upper: FilePath { path.appending("upper") }
    /// `container.log`, `container.log.1`, … in Docker's json-file format.
    package var logs: FilePath { path.appending("log") }
    var hosts: FilePath { path.appending("hosts") }
    var resolvConf: FilePath { path.appending("resolv.conf") }
    var hostname: FilePath { path.appending("hostname") }
    var state: FilePath { path.appending("state") }
    var exit: FilePath { path.appending("exit") }
    /// The socket of who attaches, while its keeper lives.
    var attach: FilePath { path.appending("attach") }

    /// Makes what is missing and forgets the run before.
    ///
    /// The root directory of the container looks like that of its image: overlay takes it from
    /// the upper directory.
    func prepare(like layer: FilePath?, hosts: String, resolvConf: String, hostname: String)
        throws(SyscallError)
    {
        try prepareOverlay(like: layer)
        try makeDirectories(logs)
        // The next keeper says it in the log, once it can.
        if try readLogLoss() != nil { _ = rename(exit.string, path.appending(".loss").string) }
        for old in [state, exit, attach, path.appending(".exit"), path.appending(".state")] {
            old.withPlatformString { _ = unlink($0) }
        }
        try atomicWrite([UInt8](hosts.utf8), to: self.hosts, mode: 0o644, synced: false)
        try write(resolvConf: [UInt8](resolvConf.utf8))
        try atomicWrite(
            [UInt8]("\(hostname)\n".utf8),
            to: self.hostname,
            mode: 0o644,
            synced: false
        )
    }

    /// One that a program has changed stays, as with docker: it is known by what was written here last.
    private func write(resolvConf content: [UInt8]) throws(SyscallError) {
        let given = path.appending(".resolv.conf")
        let limit = 1 << 20
        // `try?`: what was never written, or grew out of all measure, is written anew.
        if let last = try? readFile(given, limit: limit),
            let now = try? readFile(resolvConf, limit: limit), now != last
        {
            return
        }
        for file in [resolvConf, given] {
            try atomicWrite(content, to: file, mode: 0o644, synced: false)
        }
    }

    /// Makes what is missing for its root to be mounted.
    func prepareOverlay(like layer: FilePath?) throws(SyscallError) {
        try makeDirectories(path)
        try forgetVolatileMount()
        for name in ["work", "merged"] { try makeDirectories(path.appending(name)) }
        if try makeOne(upper), let layer { try copyOwner(from: layer, to: upper) }
    }

    /// Overlay leaves a mark in the work directory of a mount that was not synced, and refuses the
    /// next one: what was in doubt there is nothing that an ephemeral container promised.
    private func forgetVolatileMount() throws(SyscallError) {
        let mark = path.appending("work/work/incompat/volatile")
        if mark.withPlatformString({ access($0, F_OK) }) == 0 {
            try removeTree(path.appending("work"))
        }
    }

    /// False when it was there already.
    private func makeOne(_ path: FilePath) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try syscall("mkdir", on: path.string) {
                path.withPlatformString { mkdir($0, 0o755) }
            }
            return true
        } catch  where error.errno == EEXIST {
            return false
        }
    }

    private func copyOwner(from source: FilePath, to target: FilePath) throws(SyscallError) {
        let from = try openFile(source, O_PATH | O_DIRECTORY)
        let into = try openFile(target, O_RDONLY | O_DIRECTORY)
        var status = stat()
        try from.with { fd throws(SyscallError) in
            _ = try syscall("stat", on: source.string) { fstat(fd, &status) }
        }
        try into.with { fd throws(SyscallError) in
            _ = try syscall("chown", on: target.string) {
                fchown(fd, status.st_uid, status.st_gid)
            }
            _ = try syscall("chmod", on: target.string) { fchmod(fd, status.st_mode & 0o7777) }
        }
    }
}
