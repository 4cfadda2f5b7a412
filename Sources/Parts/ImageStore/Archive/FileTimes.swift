/// What an archive says of the times at which files were changed, in seconds since 1970.
package enum FileTimes: Hashable, Sendable {
    /// What the files say.
    case kept
    /// No later than this, as BuildKit's `rewrite-timestamp` wants it.
    case atMost(Int)
    /// The same for all.
    case exactly(Int)

    /// What is written for a file that was changed then.
    func of(_ seconds: Int) -> Int {
        switch self {
        case .kept: seconds
        case .atMost(let latest): min(seconds, latest)
        case .exactly(let time): time
        }
    }
}
