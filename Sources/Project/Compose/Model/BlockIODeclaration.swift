/// compose-spec `blkio_config`.
package struct BlockIODeclaration: Hashable, Codable, Sendable {
    /// 10 to 1000.
    package var weight: Int64?
    /// compose-spec `weight_device`.
    package var weightDevice: [Weight] = []
    /// compose-spec `device_read_bps`.
    package var deviceReadBps: [Rate] = []
    /// compose-spec `device_read_iops`.
    package var deviceReadIops: [Rate] = []
    /// compose-spec `device_write_bps`.
    package var deviceWriteBps: [Rate] = []
    /// compose-spec `device_write_iops`.
    package var deviceWriteIops: [Rate] = []
    /// Says nothing yet.
    package init() {}

    /// The share of one device.
    package struct Weight: Hashable, Codable, Sendable {
        /// compose-spec `path`.
        package var path: String
        /// compose-spec `weight`.
        package var weight: Int64
    }

    /// Bytes or operations in a second on one device.
    package struct Rate: Hashable, Codable, Sendable {
        /// compose-spec `path`.
        package var path: String
        /// compose-spec `rate`.
        package var rate: Int64
    }
}
