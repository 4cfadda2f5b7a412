import TextForms

/// Evaluates the blocks of all files of a load, and collects what is wrong with them.
struct BakeEvaluation {
    let surroundings: BakeDefinition.Surroundings
    /// All files' in the order of reading.
    let blocks: [HCLBody.Block]
    var scope = BakeScope()
    var faults: [BakeFault] = []

    /// So many targets, groups, variables and functions may there be, of each kind.
    static let limit = 4096
    /// So many problems are told.
    static let faultLimit = 50
    private let attributes: [HCLBody.Attribute]

    init(_ bodies: [HCLBody], in surroundings: BakeDefinition.Surroundings) {
        self.surroundings = surroundings
        blocks = bodies.flatMap(\.blocks)
        scope.now = surroundings.now
        scope.globals["BAKE_CMD_CONTEXT"] = .known(.string("cwd://"))
        scope.globals["BAKE_LOCAL_PLATFORM"] = .known(.string(surroundings.platform))
        attributes = bodies.flatMap(\.attributes)
        for attribute in attributes {
            scope.globals[attribute.name] = .written(attribute.value)
        }
    }

    /// Fills in what the files define.
    mutating func run(into definition: inout BakeDefinition) {
        countBlocks()
        guard faults.isEmpty else { return }
        for block in blocks where block.type == "function" {
            collect("function") { evaluation throws(BakeFault) in
                try evaluation.defineFunction(block)
            }
        }
        let variables = variableBlocks()
        for (name, block) in variables {
            let empty = HCLExpression.literal(.string(""), block.place)
            scope.globals[name] = .written(block.body["default"]?.value ?? empty)
        }
        overrideVariables(variables)
        defineBlockNames()
        for (name, block) in variables {
            collect("variable.\(name)") { evaluation throws(BakeFault) in
                definition.variables.append(try evaluation.variable(name, block))
            }
        }
        for block in blocks {
            switch block.type {
            case "target":
                collect("target") { evaluation throws(BakeFault) in
                    try evaluation.defineTarget(block, in: &definition)
                }
            case "group":
                collect("group") { evaluation throws(BakeFault) in
                    try evaluation.defineGroup(block, in: &definition)
                }
            case "variable", "function": break
            default:
                faults.append(
                    BakeFault(
                        block.place,
                        "unknown block \(block.type)",
                        hint: "a bake file has target, group, variable and function"
                    )
                )
            }
        }
        definition.variables.sort { $0.name < $1.name }
    }

    /// Refuses more blocks of one type, or more variables, than anybody writes.
    private mutating func countBlocks() {
        var counts = ["variable": attributes.count]
        if attributes.count > Self.limit {
            faults.append(Self.tooMany("variable", attributes[Self.limit].place))
        }
        for block in blocks {
            counts[block.type, default: 0] += 1
            guard counts[block.type] == Self.limit + 1 else { continue }
            faults.append(Self.tooMany(block.type, block.place))
        }
    }

    static func tooMany(_ type: String, _ place: BakePlace) -> BakeFault {
        BakeFault(
            place,
            "more than \(limit) \(type)s in all files",
            hint: "build them by several bake files, one after the other"
        )
    }

    /// Goes on after a fault, so that all of them are told.
    mutating func collect(
        _ path: String,
        _ body: (inout BakeEvaluation) throws(BakeFault) -> Void
    ) {
        guard faults.count < Self.faultLimit else { return }
        do throws(BakeFault) {
            try body(&self)
        } catch {
            let fault = error.within(path)
            if !faults.contains(where: { $0.place == fault.place && $0.message == fault.message }) {
                faults.append(fault)
            }
        }
    }

    // MARK: Names

    func label(of block: HCLBody.Block) throws(BakeFault) -> String {
        guard block.labels.count == 1 else {
            throw BakeFault(
                block.place,
                "a \(block.type) has one name",
                hint: "\(block.type) \"NAME\" {"
            )
        }
        return block.labels[0].text
    }

    /// The name of a target or group.
    func name(of block: HCLBody.Block) throws(BakeFault) -> String {
        let name = try label(of: block)
        try Self.check(name, block.labels[0].place)
        return name
    }

    static func check(_ name: String, _ place: BakePlace) throws(BakeFault) {
        let isValid =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isValid else {
            throw BakeFault(
                place,
                "the name \(VisibleText.shortened(name)) is not valid",
                hint: "a name has letters, digits, _ and -; sanitize() replaces the others"
            )
        }
    }

    /// What expressions call `target.app.tags`.
    mutating func defineBlockNames() {
        for block in blocks where block.labels.count == 1 && block.body["matrix"] == nil {
            let path = "\(block.type).\(block.labels[0].text)"
            scope.blocks.insert(path)
            for attribute in block.body.attributes {
                scope.globals["\(path).\(attribute.name)"] = .written(attribute.value)
            }
        }
    }

    mutating func defineFunction(_ block: HCLBody.Block) throws(BakeFault) {
        let name = try label(of: block)
        try Self.checkNames(block, ["params", "variadic_params", "variadic_param", "result"])
        guard let result = block.body["result"] else {
            throw BakeFault(block.place, "the function \(name) has no result")
        }
        var function = BakeScope.Function(parameters: [], result: result.value)
        if let parameters = block.body["params"] {
            guard case .list(let elements, _) = parameters.value else {
                throw BakeFault(parameters.value.place, "params is a list of names")
            }
            for element in elements { function.parameters.append(try Self.parameter(element)) }
        }
        if let rest = block.body["variadic_params"] ?? block.body["variadic_param"] {
            function.rest = try Self.parameter(rest.value)
        }
        scope.functions[name] = function
    }

    static func parameter(_ expression: HCLExpression) throws(BakeFault) -> String {
        switch expression {
        case .name(let name, _), .literal(.string(let name), _): name
        default: throw BakeFault(expression.place, "a parameter is a name")
        }
    }

    /// Refuses attributes that the block does not have.
    static func checkNames(_ block: HCLBody.Block, _ known: [String]) throws(BakeFault) {
        for attribute in block.body.attributes where !known.contains(attribute.name) {
            let near = nearest(to: attribute.name, among: known)
            throw BakeFault(
                attribute.place,
                "a \(block.type) has no \(attribute.name)",
                hint: near.map { "did you mean \($0)?" }
                    ?? "it has \(known.joined(separator: ", "))"
            )
        }
        if let inner = block.body.blocks.first(where: { !known.contains($0.type) }) {
            throw BakeFault(inner.place, "a \(block.type) has no block \(inner.type)")
        }
    }
}
