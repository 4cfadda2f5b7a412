import CLinux

private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    _ = clock_gettime(clock, &time)
    return time
}

/// Nanoseconds since 1970.
func wallClock() -> Int64 {
    let time = read(CLOCK_REALTIME)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Milliseconds since the machine started.
func upTime() -> Int64 {
    let time = read(CLOCK_MONOTONIC)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Field 22 of `/proc/<pid>/stat`, in clock ticks since the machine started; 0 for no process.
func startTime(of pid: pid_t) -> UInt64 {
    var name = ShortText(capacity: 32)
    defer { name.free() }
    name.append("/proc/")
    name.append(decimal: pid)
    name.append("/stat")
    let fd = berth_open(name.text, O_RDONLY | O_CLOEXEC, 0)
    guard fd >= 0 else { return 0 }
    defer { _ = close(fd) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
        let count = CLinux.read(fd, buffer.baseAddress, buffer.count)
        return count > 0 ? startTime(inStat: UnsafeBufferPointer(rebasing: buffer[..<count])) : 0
    }
}

/// The name, field 2, may hold spaces and brackets: counting begins after the last bracket.
private func startTime(inStat text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let bracket = text.lastIndex(of: UInt8(ascii: ")")) else { return 0 }
    var field = 2
    var value: UInt64 = 0
    for byte in text[(bracket + 1)...] {
        if byte == UInt8(ascii: " ") {
            if field == 22 { break }
            field += 1
            value = 0
        } else if byte >= 48 && byte <= 57 {
            value = value &* 10 &+ UInt64(byte - 48)
        }
    }
    return field == 22 ? value : 0
}
