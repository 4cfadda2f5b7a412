/// One entry of a layer's tar, as the archive gives it.
struct TarEntry {
    var name: [UInt8]
    var kind: Kind
    /// The twelve low bits.
    var mode: UInt32
    var owner: Int64
    var group: Int64
    var modified: (seconds: Int, nanoseconds: Int)
    var size: Int64
    var attributes: [(name: String, value: [UInt8])]

    enum Kind {
        case file, directory, fifo
        case symbolicLink(target: [UInt8])
        case hardLink(target: [UInt8])
        case device(isBlock: Bool, major: UInt32, minor: UInt32)
        /// A socket or something newer: not for layers.
        case other
    }
}
