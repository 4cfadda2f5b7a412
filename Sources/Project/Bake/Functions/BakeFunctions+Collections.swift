extension BakeFunctions {
    static let collections: [String: Function] = [
        "length": .init(1...1) { a throws(BakeFault) in
            guard let pairs = a.values[0].pairs else {
                throw a.fault(
                    "\(a.values[0].kind) has no parts; strlen() counts a text's characters"
                )
            }
            return .number(Double(pairs.count))
        },
        "keys": .init(1...1) { a throws(BakeFault) in
            .list(try a.object(0).keys.sorted().map { .string($0) })
        },
        "values": .init(1...1) { a throws(BakeFault) in
            .list(try a.object(0).sorted { $0.key < $1.key }.map(\.value))
        },
        "lookup": .init(3...3) { a throws(BakeFault) in
            try a.object(0)[try a.text(1)] ?? a.values[2]
        },
        "merge": .init(0...(.max)) { a throws(BakeFault) in
            var all: [String: BakeValue] = [:]
            for index in a.values.indices { all.merge(try a.object(index)) { $1 } }
            return .object(all)
        },
        "zipmap": .init(2...2) { a throws(BakeFault) in
            let (keys, values) = (try a.texts(0), try a.list(1))
            guard keys.count == values.count else { throw a.fault("as many keys as values") }
            return .object(Dictionary(zip(keys, values)) { $1 })
        },
        "contains": .init(2...2) { a throws(BakeFault) in
            .bool(try a.list(0).contains(a.values[1]))
        },
        "concat": .init(1...(.max)) { a throws(BakeFault) in
            var all: [BakeValue] = []
            for index in a.values.indices { all += try a.list(index) }
            return .list(all)
        },
        "compact": .init(1...1) { a throws(BakeFault) in
            .list(try a.texts(0).filter { !$0.isEmpty }.map { .string($0) })
        },
        "distinct": .init(1...1) { a throws(BakeFault) in
            var seen: Set<BakeValue> = []
            return .list(try a.list(0).filter { seen.insert($0).inserted })
        },
        "flatten": .init(1...1) { a throws(BakeFault) in .list(flat(try a.list(0))) },
        "reverselist": .init(1...1) { a throws(BakeFault) in .list(try a.list(0).reversed()) },
        "sort": .init(1...1) { a throws(BakeFault) in
            .list(try a.texts(0).sorted().map { .string($0) })
        },
        "slice": .init(3...3) { a throws(BakeFault) in
            let (list, start, end) = (try a.list(0), try a.whole(1), try a.whole(2))
            guard 0 <= start, start <= end, end <= list.count else {
                throw a.fault("\(start) to \(end) is not within a list of \(list.count)")
            }
            return .list(Array(list[start..<end]))
        },
        "element": .init(2...2) { a throws(BakeFault) in
            let (list, index) = (try a.list(0), try a.whole(1))
            guard !list.isEmpty, index >= 0 else { throw a.fault("there is no such element") }
            return list[index % list.count]
        },
        "index": .init(2...2) { a throws(BakeFault) in
            if case .object(let members) = a.values[0] {
                guard let value = members[try a.text(1)] else {
                    throw a.fault("there is no such key")
                }
                return value
            }
            let (list, index) = (try a.list(0), try a.whole(1))
            guard list.indices.contains(index) else { throw a.fault("there is no such element") }
            return list[index]
        },
        "hasindex": .init(2...2) { a throws(BakeFault) in
            switch a.values[0] {
            case .list(let list):
                .bool(
                    a.values[1].asNumber.flatMap { Int(exactly: $0) }.map(list.indices.contains)
                        ?? false
                )
            case .object(let members): .bool(a.values[1].text.map { members[$0] != nil } ?? false)
            default: throw a.fault("\(a.values[0].kind) has no parts")
            }
        },
        "indexof": .init(2...2) { a throws(BakeFault) in
            guard let index = try a.list(0).firstIndex(of: a.values[1]) else {
                throw a.fault("the list does not have it")
            }
            return .number(Double(index))
        },
        "chunklist": .init(2...2) { a throws(BakeFault) in
            let (list, size) = (try a.list(0), try a.whole(1))
            guard size > 0 else { return .list([.list(list)]) }
            return .list(
                stride(from: 0, to: list.count, by: size).map { start in
                    .list(Array(list[start..<min(start + size, list.count)]))
                }
            )
        },
        "range": .init(1...3) { a throws(BakeFault) in try range(a) },
        "coalesce": .init(1...(.max)) { a throws(BakeFault) in
            guard let value = a.values.first(where: { $0 != .null }) else {
                throw a.fault("all arguments are null")
            }
            return value
        },
        "coalescelist": .init(1...(.max)) { a throws(BakeFault) in
            for index in a.values.indices {
                let list = try a.list(index)
                if !list.isEmpty { return .list(list) }
            }
            throw a.fault("all lists are empty")
        },
    ]

    private static func flat(_ list: [BakeValue]) -> [BakeValue] {
        list.flatMap { element in
            if case .list(let inner) = element { flat(inner) } else { [element] }
        }
    }

    private static func range(_ a: BakeArguments) throws(BakeFault) -> BakeValue {
        let first = a.values.count == 1 ? 0 : try a.number(0)
        let last = try a.number(a.values.count == 1 ? 0 : 1)
        let step = a.values.count == 3 ? try a.number(2) : last < first ? -1 : 1
        guard step != 0 else { throw a.fault("the step is 0") }
        let count = ((last - first) / step).rounded(.up)
        guard count <= 1024 else { throw a.fault("more than 1024 elements") }
        return .list((0..<max(0, Int(count))).map { .number(first + Double($0) * step) })
    }
}
