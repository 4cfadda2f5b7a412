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
