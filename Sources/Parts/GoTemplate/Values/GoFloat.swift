/// Floating-point numbers as Go writes them.
enum GoFloat {
    /// `%v`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e6;
    /// JSON has other bounds.
    static func shortest(_ value: Double, exponents: Range<Int> = -4..<6) -> String {
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
    static func formatted(_ value: Double, verb: Character, precision: Int?) -> String {
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
    static func fixed(_ value: Double, _ places: Int) -> String {
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

/// A finite number to its last digit.
struct ExactDecimal {
    /// The number is `digits` × 10^-`places`, most significant first.
    private var digits: [UInt8]
    private var places: Int

    init(_ value: Double) {
        var digits = Array(
            String(value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)).utf8
        )
        .map { $0 - 48 }
        digits.reverse()
        var power = (value.isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        var places = 0
        while power > 0 {
            Self.multiply(&digits, by: 2)
            power -= 1
        }
        while power < 0 {
            // Half of n is five n with the point one place further.
            Self.multiply(&digits, by: 5)
            places += 1
            power += 1
        }
        self.digits = digits.reversed()
        self.places = places
    }

    /// Least significant first.
    private static func multiply(_ digits: inout [UInt8], by factor: UInt8) {
        var carry: UInt8 = 0
        for index in digits.indices {
            let product = digits[index] * factor + carry
            digits[index] = product % 10
            carry = product / 10
        }
        if carry > 0 { digits.append(carry) }
    }

    /// The digits of the number × 10^`places`, rounded half to even, without a point.
    func rounded(places wanted: Int) -> String {
        let keep = digits.count - places + wanted
        if keep >= digits.count {
            return trimmed(digits + [UInt8](repeating: 0, count: keep - digits.count))
        }
        guard keep >= 0 else { return "0" }
        var kept = Array(digits.prefix(keep))
        let rest = digits.dropFirst(keep)
        let half = rest.first ?? 0
        let isExactHalf = half == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        if half > 5 || half == 5 && (!isExactHalf || (kept.last ?? 0) % 2 == 1) {
            var index = kept.count - 1
            while index >= 0, kept[index] == 9 {
                kept[index] = 0
                index -= 1
            }
            if index >= 0 { kept[index] += 1 } else { kept.insert(1, at: 0) }
        }
        return trimmed(kept)
    }

    private func trimmed(_ digits: [UInt8]) -> String {
        let significant = digits.drop { $0 == 0 }
        return significant.isEmpty ? "0" : significant.map { String($0) }.joined()
    }
}
