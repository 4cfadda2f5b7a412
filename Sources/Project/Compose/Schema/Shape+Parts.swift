extension Shape {
    /// What values of a shape have beneath them. Short forms are looked through, so that a walk over
    /// a tree knows four cases, however many shapes there are.
    enum Parts {
        /// Nothing, or something that the table does not describe.
        case none
        /// The entries of a mapping whose keys are fixed.
        case fields(Fields)
        /// The entries of a mapping from names, each like this one.
        case entries(Part)
        /// The elements of a list, each like this one.
        case elements(Part)
    }

    /// What the table says of one entry of a mapping or one element of a list.
    struct Part {
        /// The key of an entry; nil for an element.
        fileprivate(set) var key: String?
        /// Its row of the table, where its key is a fixed one.
        private(set) var attribute: Attribute?
        let shape: Shape
        /// It may be empty.
        private(set) var isNullable = false
        /// The table has it: no key that begins with `x-`, and none that is misspelt.
        private(set) var isKnown = true

        init(_ shape: Shape, isNullable: Bool = false) {
            self.shape = shape
            self.isNullable = isNullable
        }

        fileprivate init(_ attribute: Attribute, key: String) {
            self.key = key
            self.attribute = attribute
            shape = attribute.shape
        }

        fileprivate init(unknown key: String?) {
            self.key = key
            shape = .anything
            isKnown = false
        }

        /// How a later value of it joins an earlier one.
        var merge: MergeRule {
            if let attribute { return attribute.merge }
            // One limit of two numbers is one value: half of it is not kept.
            if case .form(.ulimit) = shape { return .replace }
            return .standard
        }
    }

    var parts: Parts {
        switch self {
        case .fields(let fields): .fields(fields)
        case .named(let entry, let isNullable): .entries(Part(entry, isNullable: isNullable))
        case .dictionary(let entry): .entries(Part(entry))
        case .list(let element): .elements(Part(element))
        case .form(let form): form.long.parts
        case .string, .text, .boolean, .integer, .number, .word, .bytes, .wholeBytes, .duration,
            .fileMode, .modeNumber, .path, .anything, .strings, .command, .healthcheckTest, .pairs:
            .none
        }
    }
}

extension Shape.Parts {
    /// The entry with this key.
    func entry(_ key: String) -> Shape.Part {
        switch self {
        case .fields(let fields):
            fields[key].map { Shape.Part($0, key: key) } ?? Shape.Part(unknown: key)
        case .entries(var part): part.named(key)
        case .none, .elements: Shape.Part(unknown: key)
        }
    }

    /// What every element is like.
    var element: Shape.Part {
        if case .elements(let part) = self { part } else { Shape.Part(unknown: nil) }
    }
}

extension Shape.Part {
    fileprivate mutating func named(_ key: String) -> Shape.Part {
        self.key = key
        return self
    }
}
