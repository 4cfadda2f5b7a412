/// How often and after what pauses a request is made again.
package struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all; progress in between starts the count anew.
    package var attempts: Int
    /// Before the second attempt; doubled each time.
    package var firstPause: Duration
    /// Longest pause, whatever a server asks for.
    package var longestPause: Duration

    package init(
        attempts: Int = 5,
        firstPause: Duration = .milliseconds(500),
        longestPause: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// How long to wait after so many failures; nil when it is enough.
    func pause(afterFailures failures: Int, wished: Duration?) -> Duration? {
        guard failures < attempts else { return nil }
        let own = firstPause * (1 << min(failures - 1, 20))
        return min(max(own, wished ?? .zero), longestPause)
    }
}
