/// fmt's `Sprint`: a space between two values unless one of them is a string.
enum Printing {
    static func joined(_ values: [GoValue]) -> String {
        var out = ""
        var follows = false
        for (index, value) in values.enumerated() {
            let isText = if case .string = value { true } else { false }
            if index > 0, !isText, !follows { out += " " }
            out += value.text()
            follows = isText
        }
        return out
    }
}
