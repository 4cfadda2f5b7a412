import ImageStore

extension UnpackLimits {
    /// The usual limits but for what BERTH_LAYER_MAX_BYTES and BERTH_LAYER_MAX_ENTRIES say.
    init(environment: [String: String]) throws {
        self.init()
        func number(_ name: String) throws -> Int64? {
            guard let text = environment[name] else { return nil }
            guard let value = Int64(text), value > 0 else {
                throw Failure("\(name) is \"\(text)\": it has to be a number above 0")
            }
            return value
        }
        if let value = try number("BERTH_LAYER_MAX_BYTES") { bytes = value }
        if let value = try number("BERTH_LAYER_MAX_ENTRIES") { entries = Int(value) }
    }
}
