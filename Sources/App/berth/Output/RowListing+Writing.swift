import DockerViews
import GoTemplate

extension RowListing {
    /// Writes to stdout. A row is its fields by name, in the order of the JSON form.
    func write(_ rows: [[(name: String, value: String)]]) throws {
        for line in try lines(rows, isSeen: Terminal.isInteractive(.out)) { Terminal.line(line) }
    }

    /// Writes rows of values to stdout.
    func write(_ rows: [GoMap]) throws {
        for line in try lines(rows, isSeen: Terminal.isInteractive(.out)) { Terminal.line(line) }
    }
}
