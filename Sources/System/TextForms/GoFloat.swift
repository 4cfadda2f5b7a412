/// Floating-point numbers as Go writes them.
package enum GoFloat {
    /// `encoding/json`: an exponent below 1e-6 and from 1e21 on; `null` for what JSON cannot say.
    package static func json(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        // encoding/json writes e-9 where strconv writes e-09.
        return shortest(value, exponents: -6..<21).replacing("e-0", with: "e-")
    }

    /// Go's YAML: as `%v`, with YAML's words for what is not a number.
    package static func yaml(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return shortest(value)
    }

    /// `strconv.FormatFloat(value, 'g', -1, 64)`: the shortest digits that read back the same, with
    /// an exponent below 1e-4 and from 1e6 on. `exponents` are those that are written as zeros.
    package static func shortest(_ value: Double, exponents: Range<Int> = -4..<6) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(value)
        let sign = value < 0 ? "-" : ""
        guard exponents.contains(exponent) else {
            return sign + mantissa(digits) + exponentText(exponent)
        }
        return sign + plain(digits, exponent)
    }

    /// `e+06`, at least two digits.
    private static func exponentText(_ exponent: Int) -> String {
        let digits = String(abs(exponent))
        return "e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    }

    private static func mantissa(_ digits: String) -> String {
        digits.count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
    }

    private static func plain(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        guard digits.count > whole else {
            return digits + String(repeating: "0", count: whole - digits.count)
        }
        return digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    /// Significant digits without zeros at the end, and the decimal exponent of the first.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        // Swift's description has the shortest digits too, in another layout.
        let text = abs(value).description
        let parts = text.split(separator: "e")
        let written = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(halves[0])
        let fraction = halves.count == 2 ? String(halves[1]) : ""
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leading))
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        return (digits, written + whole.count - 1 - leading)
    }

    /// `%f`, `%e`, `%g` with a precision.
    package static func formatted(_ value: Double, verb: Character, precision: Int?) -> String {
        if value.isNaN || value.isInfinite { return shortest(value) }
        switch verb {
        case "e", "E":
            let text = scientific(value, precision ?? 6)
            return verb == "E" ? text.uppercased() : text
        case "g", "G":
            guard let precision else { return shortest(value) }
            let text = general(value, max(1, precision))
            return verb == "G" ? text.uppercased() : text
        default: return fixed(value, precision ?? 6)
        }
    }

    /// Rounded to `places` after the point, half to even on the exact binary value.
    package static func fixed(_ value: Double, _ places: Int) -> String {
        let exact = ExactDecimal(value.magnitude).rounded(places: places)
        let sign = value.sign == .minus ? "-" : ""
        guard places > 0 else { return sign + exact }
        let padded = String(repeating: "0", count: max(0, places + 1 - exact.count)) + exact
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    private static func scientific(_ value: Double, _ places: Int) -> String {
        guard value != 0 else {
            return places > 0 ? "0." + String(repeating: "0", count: places) + "e+00" : "0e+00"
        }
        let sign = value < 0 ? "-" : ""
        let (digits, exponent) = rounded(value, significant: places + 1)
        return sign + mantissa(digits) + exponentText(exponent)
    }

    private static func general(_ value: Double, _ significant: Int) -> String {
        guard value != 0 else { return "0" }
        var (digits, exponent) = rounded(value, significant: significant)
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let sign = value < 0 ? "-" : ""
        guard exponent >= -4, exponent < significant else {
            return sign + mantissa(digits) + exponentText(exponent)
        }
        return sign + plain(digits, exponent)
    }

    private static func rounded(_ value: Double, significant: Int) -> (String, Int) {
        var exponent = decimal(value).exponent
        var digits = ExactDecimal(value.magnitude).rounded(places: significant - 1 - exponent)
        if digits.count > significant {
            exponent += 1
            digits = String(digits.prefix(significant))
        }
        return (digits, exponent)
    }
}
