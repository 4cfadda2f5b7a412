/// The functions of expressions: those of go-cty's and HCL's libraries that bake files use, with
/// the names and rules that they have there.
enum BakeFunctions {
    /// A function, and how many arguments it takes.
    struct Function: Sendable {
        var counts: ClosedRange<Int>
        var body: @Sendable (BakeArguments) throws(BakeFault) -> BakeValue

        init(
            _ counts: ClosedRange<Int>,
            _ body: @escaping @Sendable (BakeArguments) throws(BakeFault) -> BakeValue
        ) {
            self.counts = counts
            self.body = body
        }
    }

    static let all = texts.merging(numbers) { $1 }.merging(collections) { $1 }

    /// Those of buildx that are not here; an error names them.
    static let refused: Set<String> = [
        "assertnotnull", "bcrypt", "byteslen", "bytesslice", "cidrhost", "cidrnetmask",
        "cidrsubnet", "cidrsubnets", "convert", "csvdecode", "md5", "regex", "regex_replace",
        "regexall", "rsadecrypt", "semvercmp", "sethaselement", "setintersection", "setproduct",
        "setsubtract", "setsymmetricdifference", "setunion", "sha1", "sha512", "timeadd",
        "unixtimestampparse", "uuidv4", "uuidv5",
    ]
}

/// What a function was called with.
struct BakeArguments {
    var values: [BakeValue]
    var place: BakePlace
    var name: String
    /// Nanoseconds since 1970.
    var now: Int64

    /// A fault of this call.
    func fault(_ message: String) -> BakeFault { BakeFault(place, "\(name): \(message)") }

    func text(_ index: Int) throws(BakeFault) -> String {
        guard let text = values[index].text else { throw wrong(index, "a text") }
        return text
    }

    func number(_ index: Int) throws(BakeFault) -> Double {
        guard let number = values[index].asNumber else { throw wrong(index, "a number") }
        return number
    }

    func whole(_ index: Int) throws(BakeFault) -> Int {
        guard let whole = Int(exactly: try number(index)) else {
            throw wrong(index, "a whole number")
        }
        return whole
    }

    func bool(_ index: Int) throws(BakeFault) -> Bool {
        guard let flag = values[index].asBool else { throw wrong(index, "true or false") }
        return flag
    }

    func list(_ index: Int) throws(BakeFault) -> [BakeValue] {
        guard case .list(let elements) = values[index] else { throw wrong(index, "a list") }
        return elements
    }

    func texts(_ index: Int) throws(BakeFault) -> [String] {
        var all: [String] = []
        for element in try list(index) {
            guard let text = element.text else { throw wrong(index, "a list of texts") }
            all.append(text)
        }
        return all
    }

    func object(_ index: Int) throws(BakeFault) -> [String: BakeValue] {
        guard case .object(let members) = values[index] else { throw wrong(index, "an object") }
        return members
    }

    private func wrong(_ index: Int, _ wanted: String) -> BakeFault {
        fault("argument \(index + 1) is \(values[index].kind); \(wanted) is wanted")
    }
}
