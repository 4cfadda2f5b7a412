/// Sizes as docker prints them: decimal units, for images at most three significant digits.
package enum HumanSize {
    /// As most listings show it.
    package static func decimal(_ bytes: Int64) -> String { decimal(Double(bytes), digits: 3) }

    /// With as many significant digits as `digits` at most.
    static func decimal(_ bytes: Double, digits: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        return scaled(bytes, by: 1000, units, digits: digits)
    }

    /// In units of 1024 and its powers, as docker prints memory: at most four significant digits.
    package static func binary(_ bytes: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        return scaled(Double(bytes), by: 1024, units, digits: 4)
    }

    private static func scaled(
        _ bytes: Double,
        by step: Double,
        _ units: [String],
        digits: Int
    ) -> String {
        var value = bytes
        var unit = 0
        while value >= step, unit < units.count - 1 {
            value /= step
            unit += 1
        }
        return significant(value, digits: digits) + units[unit]
    }

    /// `value` with at most `digits` significant digits, without trailing zeros.
    private static func significant(_ value: Double, digits: Int) -> String {
        let whole = value >= 1000 ? 4 : value >= 100 ? 3 : value >= 10 ? 2 : 1
        let places = max(0, digits - whole)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((value * scale).rounded())
        let integral = scaled / Int64(scale)
        var fraction = String(scaled % Int64(scale))
        guard places > 0, fraction != "0" else { return "\(integral)" }
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(integral).\(fraction)"
    }
}
