import CLinux

/// What the kernel knows of a process by files in the host's `/proc`, while that can be seen.
extension Child {
    /// What nobody asked for stays as it is where the kernel does not allow it.
    func takeOOMScore() {
        let score = spec.fields.oom_score
        var text = ShortText(capacity: 16)
        defer { text.free() }
        if score < 0 { text.append("-") }
        text.append(decimal: score.magnitude)
        if !put(text, c("/proc/self/oom_score_adj")) && score != 0 { fail(.oomScore) }
    }

    /// Names the profile that the next program of this process runs under, and of those that it
    /// makes (apparmor(7), "change_onexec").
    func setAppArmorProfile() {
        guard let profile = spec.text(spec.fields.app_armor) else { return }
        var text = ShortText(capacity: 8 + strlen(profile))
        defer { text.free() }
        text.append("exec ")
        text.append(profile)
        // Since Linux 5.8 each security module has a folder of its own.
        if put(text, c("/proc/self/attr/apparmor/exec")) { return }
        guard berth_errno() == ENOENT, put(text, c("/proc/self/attr/exec")) else {
            fail(.appArmor)
        }
    }

    /// False with errno.
    private func put(_ text: ShortText, _ path: CText) -> Bool {
        let fd = berth_open(path, O_WRONLY | O_CLOEXEC, 0)
        guard fd >= 0 else { return false }
        let count = strlen(text.text)
        let isWritten = write(fd, text.text, count) == count
        let error = berth_errno()
        _ = close(fd)
        berth_set_errno(error)
        return isWritten
    }
}
