import Compose

/// What a user reads when a command fails.
enum ErrorText {
    /// One problem of a file, with its line and a caret where the file can still be read.
    static func problem(_ problem: Problem) -> String { problem.description }
}
