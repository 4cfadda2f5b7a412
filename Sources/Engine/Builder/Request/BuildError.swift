import Glibc
import Linux
import TextForms

/// A build that failed at a step: where, what, and why.
package struct BuildError: Error, Equatable, CustomStringConvertible {
    /// The Dockerfile's name.
    package var file: String
    /// Counted from 1; 0 when no line is to blame.
    package var line: Int
    /// `[web 2/5] RUN make`; nil before any step.
    package var step: String?
    package var message: String
    /// Exit code of the RUN that failed.
    package var exitCode: Int32?
    /// The lines of the Dockerfile around the step, the step's own marked with `>>>`.
    package var excerpt: String?

    package init(file: String, line: Int = 0, step: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.step = step
        self.message = VisibleText.lines(VisibleText.cut(message))
    }

    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        // The excerpt shows the step.
        if let excerpt { return "\(place): \(message)\n\(excerpt)" }
        return step.map { "\(place): \($0): \(message)" } ?? "\(place): \(message)"
    }
}

extension SyscallError {
    /// Why a file that the user names cannot be read.
    var reasonForFile: String {
        switch errno {
        case EINVAL: "it is not a regular file"
        // One of the kernel's, as /proc/kmsg.
        case EAGAIN: "it has nothing to read now, and no end"
        default: reason
        }
    }

    /// What happened in a build, and what to do where that is known.
    var inBuild: String {
        guard isFullDisk else { return description }
        return "\(description); make room (`berth system prune`, `df -h`, `df -i`) and build again"
    }
}

extension Dockerfile {
    /// The lines around an instruction, numbered, its own marked; nothing in them moves a cursor.
    func excerpt(around lines: ClosedRange<Int>, context: Int = 2) -> String {
        let first = max(1, lines.lowerBound - context)
        // A long here-document is not repeated whole.
        let last = min(source.count, min(lines.upperBound, lines.lowerBound + 12) + context)
        guard first <= last else { return "" }
        let width = String(last).count
        let body = (first...last).map { number in
            let label = String(number)
            let padding = String(repeating: " ", count: width - label.count)
            let mark = lines.contains(number) ? ">>>" : "   "
            let text = VisibleText.cut(VisibleText.sameColumns(source[number - 1]))
            let line = "  \(padding)\(label) |"
            return text.isEmpty ? line : "\(line) \(mark) \(text)"
        }
        return body.joined(separator: "\n")
    }
}
