extension Transport {
    /// An answer that says: not now. Asking again later may help.
    struct Busy: Error {
        var status: Int
        var wished: Duration?
        var response: Response

        init(_ response: Response) {
            status = response.status
            wished = RetryAfter.duration(response.headers)
            self.response = response
        }

        /// The statuses that mean it.
        static let statuses: Set<Int> = [408, 429, 500, 502, 503, 504]

        func cause() async -> RegistryError.Cause {
            let message = await response.registryMessage()
            return status == 429 ? .tooManyRequests(message) : .status(status, message)
        }
    }
}
