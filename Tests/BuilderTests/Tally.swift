import Testing

/// Counts the cases of one table and says which fail.
struct Tally {
    var name: String
    var passed = 0
    var failures: [String] = []

    init(_ name: String) { self.name = name }

    mutating func check(_ holds: Bool, _ words: @autoclosure () -> String) {
        if holds { passed += 1 } else { failures.append(words()) }
    }

    func report() {
        print("corpus \(name): \(passed) of \(passed + failures.count)")
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        #expect(passed > 0)
    }
}
