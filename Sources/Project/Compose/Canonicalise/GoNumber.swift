/// Floating-point numbers as Go writes them; the digits are the shortest that read back the same.
enum GoNumber {
    /// As a value of a variable or a label: an exponent from 1e6 on, and below 1e-4.
    static func described(_ number: Double) -> String { text(number, exponentFrom: 6) }

    /// `strconv.FormatFloat(number, 'g', -1, 64)`, as Go's YAML does: an exponent from 1e6 on.
    static func yaml(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        return text(number, exponentFrom: 6)
    }

    /// `encoding/json`: an exponent below 1e-6 and from 1e21 on.
    static func json(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        return text(number, exponentFrom: 21, exponentBelow: -6, exponentDigits: 1)
    }

    private static func text(
        _ number: Double,
        exponentFrom: Int,
        exponentBelow: Int = -4,
        exponentDigits: Int = 2
    ) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if number == 0 { return number.sign == .minus ? "-0" : "0" }
        let sign = number < 0 ? "-" : ""
        let (digits, point) = parts(number)
        let exponent = point - 1
        if exponent < exponentBelow || exponent >= exponentFrom {
            let rest = digits.dropFirst()
            let size = String(exponent.magnitude)
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e"
                + (exponent < 0 ? "-" : "+")
                + String(repeating: "0", count: max(0, exponentDigits - size.count)) + size
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point {
            return sign + digits + String(repeating: "0", count: point - digits.count)
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The digits without leading and trailing zeros, and where the point stands in them.
    private static func parts(_ number: Double) -> (digits: String, point: Int) {
        let description = number.magnitude.description
        let halves = description.split(separator: "e", maxSplits: 1)
        let exponent = halves.count == 2 ? Int(halves[1]) ?? 0 : 0
        let decimal = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = decimal[0]
        var digits = Substring(whole + (decimal.count == 2 ? decimal[1] : ""))
        var point = whole.count + exponent
        while digits.first == "0" {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), point)
    }
}
