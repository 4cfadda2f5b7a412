import TextForms

extension BakeEvaluation {
    mutating func defineGroup(
        _ block: HCLBody.Block,
        in definition: inout BakeDefinition
    ) throws(BakeFault) {
        let name = try name(of: block)
        try Self.checkNames(block, ["targets", "description", "name", "matrix"])
        if let matrix = block.body["matrix"] {
            throw BakeFault(matrix.place, "a matrix of groups is not carried out")
        }
        var group = BakeDefinition.Group(members: [])
        if let targets = block.body["targets"] {
            group.members = try texts(targets, [:])
            guard group.members.count <= Self.limit else {
                throw BakeFault(
                    targets.value.place,
                    "more than \(Self.limit) targets in one group"
                )
            }
        }
        if let description = block.body["description"] {
            group.description = try scope.value(of: description.value).text
        }
        group.members = Self.distinct(group.members)
        // Unlike a target it takes the place of an earlier one, that of compose's services, too.
        definition.groups[name] = group
    }

    mutating func defineTarget(
        _ block: HCLBody.Block,
        in definition: inout BakeDefinition
    ) throws(BakeFault) {
        let label = try name(of: block)
        let known = BakeAttribute.allCases.map(\.rawValue) + ["name", "matrix"]
        try Self.checkNames(block, known)
        guard let matrix = block.body["matrix"] else {
            if let name = block.body["name"] {
                throw BakeFault(
                    name.place,
                    "name is for a target with a matrix",
                    hint: "leave it out"
                )
            }
            let target = try target(label, block, [:])
            guard definition.targets[label] != nil || definition.targets.count < Self.limit else {
                throw Self.tooMany("target", block.place)
            }
            definition.targets[label, default: BakeTarget(name: label)].merge(target)
            return
        }
        guard let nameOfEach = block.body["name"] else {
            throw BakeFault(
                matrix.place,
                "a target with a matrix needs a name for each of its targets",
                hint: "name = \"\(label)-${…}\""
            )
        }
        var members: [String] = []
        var seen: Set<String> = []
        for locals in try combinations(matrix) {
            guard faults.count < Self.faultLimit else { return }
            guard let name = try scope.value(of: nameOfEach.value, locals).text else {
                throw BakeFault(nameOfEach.value.place, "name is a text")
            }
            try Self.check(name, nameOfEach.value.place)
            let target = try target(name, block, locals)
            guard definition.targets[name] != nil || definition.targets.count < Self.limit else {
                throw Self.tooMany("target", matrix.place)
            }
            definition.targets[name, default: BakeTarget(name: name)].merge(target)
            if seen.insert(name).inserted { members.append(name) }
        }
        definition.groups[label] = .init(members: members)
    }

    /// Every choice of one value for each name, the first name changing fastest.
    mutating func combinations(_ matrix: HCLBody.Attribute) throws(BakeFault)
        -> [BakeScope.Locals]
    {
        guard case .object(let axes) = try scope.value(of: matrix.value) else {
            throw BakeFault(matrix.value.place, "a matrix is an object of lists")
        }
        var all: [BakeScope.Locals] = [[:]]
        for (name, value) in axes.sorted(by: { $0.key < $1.key }) {
            guard case .list(let choices) = value else {
                throw BakeFault(matrix.value.place, "\(name) of the matrix is a list")
            }
            guard all.count * max(1, choices.count) <= Self.limit else {
                throw BakeFault(
                    matrix.place,
                    "the matrix has more than \(Self.limit) targets"
                )
            }
            all = choices.flatMap { choice in
                all.map { $0.merging([name: choice]) { $1 } }
            }
        }
        return all
    }

    mutating func target(
        _ name: String,
        _ block: HCLBody.Block,
        _ locals: BakeScope.Locals
    ) throws(BakeFault) -> BakeTarget {
        var target = BakeTarget(name: name)
        var first: BakeFault?
        for attribute in block.body.attributes {
            guard let known = BakeAttribute(rawValue: attribute.name) else { continue }
            do throws(BakeFault) {
                if let field = try field(known, attribute, locals) { target.fields[known] = field }
            } catch {
                let fault = error.within("target.\(name).\(attribute.name)")
                if first == nil { first = fault } else { faults.append(fault) }
            }
        }
        if let first { throw first }
        return target
    }

    mutating func field(
        _ known: BakeAttribute,
        _ attribute: HCLBody.Attribute,
        _ locals: BakeScope.Locals
    ) throws(BakeFault) -> BakeField? {
        let value = try scope.value(of: attribute.value, locals)
        let place = attribute.value.place
        guard value != .null else { return nil }
        switch known.form {
        case .text:
            guard let text = value.text else { throw Self.wrong(value, "a text", place) }
            return .text(text)
        case .flag:
            guard let flag = value.asBool else { throw Self.wrong(value, "true or false", place) }
            return .flag(flag)
        case .texts:
            let texts = try texts(attribute, locals)
            // An empty one is what a choice gives that chooses nothing.
            return .texts(
                known == .inherits ? texts : Self.distinct(texts.filter { !$0.isEmpty })
            )
        case .map:
            guard case .object(let members) = value else {
                throw Self.wrong(value, "an object", place)
            }
            var map: [String: String] = [:]
            for (key, member) in members where member != .null {
                guard let text = member.text else {
                    throw Self.wrong(member, "a text as the value of \(key)", place)
                }
                map[key] = text
            }
            return .map(map)
        case .options:
            guard case .list(let elements) = value else { throw Self.wrong(value, "a list", place) }
            var all: [BakeOptions] = []
            for element in elements where element != .string("") {
                all.append(try Self.options(element, known, place))
            }
            return .options(all)
        }
    }

    /// Each once, at its first place.
    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    mutating func texts(
        _ attribute: HCLBody.Attribute,
        _ locals: BakeScope.Locals
    ) throws(BakeFault) -> [String] {
        let value = try scope.value(of: attribute.value, locals)
        let place = attribute.value.place
        guard case .list(let elements) = value else {
            throw Self.wrong(value, "a list of texts", place)
        }
        var all: [String] = []
        for element in elements where element != .null {
            guard let text = element.text else { throw Self.wrong(element, "a text", place) }
            all.append(text)
        }
        return all
    }

    static func options(
        _ value: BakeValue,
        _ attribute: BakeAttribute,
        _ place: BakePlace
    ) throws(BakeFault) -> BakeOptions {
        switch value {
        case .object(let members):
            var values: [String: String] = [:]
            for (key, member) in members where member != .null {
                if case .list(let paths) = member, attribute == .ssh, paths.count == 1 {
                    values[key] = paths[0].text
                } else if let text = member.text {
                    values[key] = text
                } else {
                    throw wrong(member, "a text as the value of \(key)", place)
                }
            }
            return BakeOptions(values)
        case .string(let text):
            do throws(BakeOptions.Invalid) {
                return try BakeOptions(parsing: text, of: attribute)
            } catch {
                throw BakeFault(place, "\"\(VisibleText.shortened(error.field))\" is not key=value")
            }
        default: throw wrong(value, "a text or an object", place)
        }
    }

    static func wrong(_ value: BakeValue, _ wanted: String, _ place: BakePlace) -> BakeFault {
        BakeFault(place, "this is \(value.kind); \(wanted) is wanted")
    }
}
