/// How often and after what pauses a request is made again.
package struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all; progress in between restarts the count.
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
    ///
    /// Between half of it and all of it, as `share` (0…1) says, so that many who failed together do
    /// not come back together; what a server wishes is the least.
    func pause(
        afterFailures failures: Int,
        wished: Duration?,
        share: Double = .random(in: 0...1)
    ) -> Duration? {
        guard failures < attempts else { return nil }
        let own = firstPause * (1 << min(failures - 1, 20)) * (0.5 + share / 2)
        return min(max(own, wished ?? .zero), longestPause)
    }
}
