/// The order of keys in YAML as Go writes it: runs of digits by value, letters after other signs.
enum NaturalOrder {
    static func isOrdered(_ left: String, _ right: String) -> Bool {
        // Nearly every key is ASCII in memory as it is compared: no copies for these.
        let fast = left.utf8.withContiguousStorageIfAvailable { a in
            right.utf8.withContiguousStorageIfAvailable { b -> Bool? in
                isASCII(a) && isASCII(b) ? isOrdered(a, b) : nil
            }
        }
        if case .some(.some(.some(let answer))) = fast { return answer }
        return isOrdered(
            left.unicodeScalars.map(\.value),
            right.unicodeScalars.map(\.value)
        )
    }

    private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 }
    }

    private static func isOrdered<Text: RandomAccessCollection>(_ a: Text, _ b: Text) -> Bool
    where Text.Element: FixedWidthInteger, Text.Index == Int {
        var hasDigits = false
        for index in 0..<min(a.count, b.count) {
            if a[index] == b[index] {
                hasDigits = isDigit(a[index])
                continue
            }
            let (leftIsLetter, rightIsLetter) = (isLetter(a[index]), isLetter(b[index]))
            if leftIsLetter, rightIsLetter { return a[index] < b[index] }
            if leftIsLetter || rightIsLetter { return hasDigits ? leftIsLetter : rightIsLetter }
            return areDigitsOrdered(a, b, index)
        }
        return a.count < b.count
    }

    private static func areDigitsOrdered<Text: RandomAccessCollection>(
        _ a: Text,
        _ b: Text,
        _ index: Int
    ) -> Bool where Text.Element: FixedWidthInteger, Text.Index == Int {
        var (left, right): (UInt64, UInt64) = (0, 0)
        if a[index] == 0x30 || b[index] == 0x30 {
            // `a01` and `a1`: zeros in front count only behind another digit.
            var place = index - 1
            while place >= 0, isDigit(a[place]) {
                if a[place] != 0x30 {
                    (left, right) = (1, 1)
                    break
                }
                place -= 1
            }
        }
        let leftEnd = read(a, index, &left)
        let rightEnd = read(b, index, &right)
        if left != right { return left < right }
        if leftEnd != rightEnd { return leftEnd < rightEnd }
        return a[index] < b[index]
    }

    private static func read<Text: RandomAccessCollection>(
        _ text: Text,
        _ start: Int,
        _ value: inout UInt64
    ) -> Int where Text.Element: FixedWidthInteger, Text.Index == Int {
        var index = start
        while index < text.count, isDigit(text[index]) {
            value = value &* 10 &+ UInt64(truncatingIfNeeded: text[index] - 0x30)
            index += 1
        }
        return index
    }

    private static func isDigit(_ value: some FixedWidthInteger) -> Bool {
        value >= 0x30 && value <= 0x39
    }

    private static func isLetter(_ value: some FixedWidthInteger) -> Bool {
        if value < 0x80 {
            let lower = value | 0x20
            return lower >= 0x61 && lower <= 0x7A
        }
        return UnicodeScalar(UInt32(truncatingIfNeeded: value))?.properties.isAlphabetic ?? false
    }
}
