import Glibc
import Linux
import SystemPackage

/// One container's log, over all its files: `container.log` is the newest, `container.log.1` the
/// one before, and so on. Follows rotation without losing or repeating a line.
final class ContainerLog {
    let source: Int
    let folder: FilePath
    private var current: LogFileCursor?
    /// The current file is no longer the newest: what is read to its end now is all of it.
    private var isSealed = false
    /// Pieces of a long line, by stream, until its end comes.
    private var pieces: [LogLine.Stream: LogLine] = [:]

    /// How many lines may still come; nil is any number.
    private var remaining: Int?
    /// Files are not dropped by rotation before they are read.
    private let holds: Bool
    /// Until the first file is open.
    private var hold: LogHold?
    /// Something that followed the current file is gone, which its reader is to be told.
    private var isCutOff = false

    /// Opens a log at its beginning, or so that `tail` lines are left. A log that does not exist
    /// yet is empty. `stopsAfterTail` leaves out what is written while those are read; `holds` keeps
    /// rotation from dropping what is not read yet, for a reader that follows.
    init(
        in folder: FilePath,
        source: Int,
        tail: Int?,
        stopsAfterTail: Bool = false,
        holds: Bool = false
    ) throws(SyscallError) {
        self.source = source
        self.folder = folder
        self.holds = holds
        remaining = stopsAfterTail ? tail : nil
        hold = holds ? LogHold(on: folder) : nil
        guard let tail else { return }
        let start = try LogTail.start(of: Self.files(in: folder), lines: tail)
        guard let start else { return }
        current = try LogFileCursor.open(start.path, from: start.offset, holding: holds)
        if current != nil { hold = nil }
    }

    /// The next line; nil when there is none yet.
    func next() throws(SyscallError) -> LogLine? {
        if remaining == 0 { return nil }
        while true {
            if var line = try current?.next() {
                line.source = source
                guard let whole = join(line) else { continue }
                // A part of a very long line is no line.
                if !whole.goesOn { remaining = remaining.map { $0 - 1 } }
                return whole
            } else if try !advance() {
                return nil
            } else if isCutOff {
                isCutOff = false
                return gap
            }
        }
    }

    /// Stands for lines that were dropped before they were read, among the others.
    private var gap: LogLine {
        let text = "berth: lines are missing here: the log was rotated before they were read\n"
        let time = current?.timeReached ?? .now()
        return LogLine(time: time, stream: .stderr, bytes: Array(text.utf8), source: source)
    }

    /// Lines without an end, once nothing more can come.
    func takeRest() -> [LogLine] {
        if remaining == 0 { return [] }
        if var line = current?.takeRest() {
            line.source = source
            if let whole = join(line) { pieces[line.stream] = whole }
        }
        defer { pieces = [:] }
        return pieces.values.filter { !$0.bytes.isEmpty }.sorted { $0.time < $1.time }
    }

    /// Puts pieces of one line together; nil while its end is missing.
    private func join(_ line: LogLine) -> LogLine? {
        if pieces.isEmpty, !line.isPiece, !line.bytes.isEmpty { return line }
        var whole = line
        if var begun = pieces.removeValue(forKey: line.stream) {
            begun.bytes += line.bytes
            whole = begun
        }
        guard line.isPiece else { return whole.bytes.isEmpty ? nil : whole }
        if whole.bytes.count >= LogLine.longestBytes {
            whole.goesOn = true
            return whole
        }
        pieces[line.stream] = whole
        return nil
    }

    /// Goes on to the next newer file once the current one is read to its end; false when there
    /// is nothing to go on with.
    private func advance() throws(SyscallError) -> Bool {
        let files = Self.files(in: folder)
        guard let inode = current?.inode else {
            guard let oldest = files.last else { return false }
            // A log without a folder had nothing to hold.
            if holds, hold == nil { hold = LogHold(on: folder) }
            current = try LogFileCursor.open(oldest.path, holding: holds)
            if current != nil { hold = nil }
            return current != nil
        }
        guard let index = files.firstIndex(where: { $0.inode == inode }) else {
            return try resume(after: inode)
        }
        if index == 0 { return false }
        guard isSealed else {
            // It may have grown between our last read and its rotation: read on once.
            isSealed = true
            return true
        }
        return try open(files[index - 1])
    }

    /// The current file has no name any more: rotation has dropped it, or the user deleted it.
    private func resume(after inode: UInt64) throws(SyscallError) -> Bool {
        // A listing during the renames of a rotation may miss it: look again before believing it.
        let files = Self.files(in: folder)
        guard !files.contains(where: { $0.inode == inode }), let oldest = files.last else {
            return false
        }
        guard isSealed else {
            isSealed = true
            return true
        }
        let isCutOff = try current?.isCutOff() == true
        guard try open(oldest) else { return false }
        self.isCutOff = isCutOff
        return true
    }

    /// Opens a file by the name it had a moment ago; with the wrong one behind it, tries later.
    private func open(_ file: File) throws(SyscallError) -> Bool {
        guard let next = try LogFileCursor.open(file.path, holding: holds) else { return false }
        guard next.inode == file.inode else { return false }
        current = consume next
        isSealed = false
        return true
    }

    struct File {
        var path: FilePath
        var inode: UInt64
        var size: Int64
    }

    /// The files there are, newest first.
    static func files(in folder: FilePath) -> [File] {
        var files: [File] = []
        var misses = 0
        var index = 0
        // One missing number may be the middle of a rotation; two are the end.
        while misses < 2 {
            let name = index == 0 ? "container.log" : "container.log.\(index)"
            let path = folder.appending(name)
            var status = stat()
            if path.withPlatformString({ lstat($0, &status) }) == 0 {
                files.append(
                    File(path: path, inode: UInt64(status.st_ino), size: Int64(status.st_size))
                )
                misses = 0
            } else {
                misses += 1
            }
            index += 1
        }
        return files
    }
}
