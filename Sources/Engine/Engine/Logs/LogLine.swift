/// One line that a container wrote, as its log kept it.
package struct LogLine: Hashable, Sendable {
    /// When the keeper received its beginning.
    package var time: Timestamp
    package var stream: Stream
    /// As written, with the newline; without one when the container ended in the middle of a line,
    /// or the line is longer than `longestBytes` and goes on in the next one.
    package var bytes: [UInt8]
    /// The line is too long for one: it goes on in the next of this stream.
    package var goesOn = false
    /// Index of the container in the list that was asked for.
    package var source = 0

    /// Where a container wrote a line.
    package enum Stream: String, Hashable, Sendable { case stdout, stderr }

    /// The log holds pieces of 16 KiB; they are joined up to this.
    package static let longestBytes = 1 << 20

    package init(time: Timestamp, stream: Stream, bytes: [UInt8], source: Int = 0) {
        self.time = time
        self.stream = stream
        self.bytes = bytes
        self.source = source
    }

    /// A record without a newline that is shorter is the end of its line: the keeper cuts long
    /// lines into records of 16 KiB, from which at most three bytes of a character are left out.
    /// An empty record ends a line of which the last piece is as long as one that goes on.
    static let shortestPiece = (16 << 10) - 3

    /// Whether more of the same line follows in the next record.
    var isPiece: Bool { bytes.count >= Self.shortestPiece && bytes.last != UInt8(ascii: "\n") }
}

/// Which lines are wanted.
package struct LogSelection: Hashable, Sendable {
    /// The last so many lines of each container; nil is all of them. Counted before `since` and
    /// `until` are looked at, as Docker does.
    package var tail: Int?
    /// From this moment on.
    package var since: Timestamp?
    /// Up to this moment.
    package var until: Timestamp?
    package var follow = Follow.no

    /// Whether reading goes on at the end of a log.
    package enum Follow: Hashable, Sendable {
        /// What is there now.
        case no
        /// Until each container has ended and will not be started again.
        case whileRunning
        /// Until the task is cancelled.
        case forever
    }

    package init() {}

    func wants(_ line: LogLine) -> Bool {
        if let since, line.time < since { return false }
        if let until, line.time > until { return false }
        return true
    }
}
