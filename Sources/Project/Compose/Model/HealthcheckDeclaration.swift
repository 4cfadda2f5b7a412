/// compose-spec `healthcheck`; nil members keep the image's or the default.
package struct HealthcheckDeclaration: Hashable, Codable, Sendable {
    /// What is run to find out (`healthcheck.test`).
    package enum Test: Hashable, Codable, Sendable {
        /// `NONE`, or `disable: true`.
        case none
        case exec([String])
        case shell(String)
        /// `x-berth.healthcheck`.
        case outside(OutsideProbe)
    }

    /// compose-spec `test`.
    package var test: Test?
    /// compose-spec `interval`.
    package var interval: Duration?
    /// compose-spec `timeout`.
    package var timeout: Duration?
    /// compose-spec `start_period`.
    package var startPeriod: Duration?
    /// compose-spec `start_interval`.
    package var startInterval: Duration?
    /// compose-spec `retries`.
    package var retries: Int?
    /// Says nothing yet.
    package init() {}
}
