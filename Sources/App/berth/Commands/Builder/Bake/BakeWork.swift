import Bake
import Builder
import Engine
import TextForms

/// Builds the targets of a plan, each as soon as those that it builds upon are there.
struct BakeWork: Sendable {
    let orders: BakeOrders
    /// Of all targets: what they need, and where their progress is shown.
    let images: ProjectImages

    /// So many builds are at work at once; a build has stages at work beside each other, too.
    private static let limit = 8

    /// Gives the document of `--metadata-file`.
    func run() async throws -> String {
        let items = orders.items
        for (_, item) in items { try item.order.check(images) }
        return try await withThrowingTaskGroup(of: (String, BuiltImage).self) { group in
            var built: [String: BuiltImage] = [:]
            var waiting = Set(items.keys)
            var working = 0
            while true {
                for name in waiting.sorted() where working < Self.limit {
                    guard let item = items[name],
                        item.contexts.values.allSatisfy({ built[$0] != nil })
                    else { continue }
                    waiting.remove(name)
                    working += 1
                    var order = item.order
                    for (context, target) in item.contexts {
                        order.request.namedContexts[context] = built[target].map {
                            .built($0.bases)
                        }
                    }
                    let (complete, images) = (order, images)
                    group.addTask { (name, try await complete.carryOut(images)) }
                }
                guard let (name, image) = try await group.next() else { break }
                working -= 1
                built[name] = image
            }
            return try metadata(built)
        }
    }

    /// Asks of each Dockerfile what `--call` says. False where one is not in order.
    func answer(_ call: BuildCall) async throws -> Bool {
        var isClean = true
        for (name, item) in orders.items.sorted(by: { $0.key < $1.key }) where !item.isLinked {
            if orders.items.count > 1 { Terminal.line("\(name):") }
            let isInOrder = try await call.answer(item.order.request, images, images.progress)
            isClean = isClean && isInOrder
        }
        return isClean
    }

    private func metadata(_ built: [String: BuiltImage]) throws -> String {
        let members = try built.sorted { $0.key < $1.key }.compactMap { name, image in
            try orders.items[name].flatMap { item -> String? in
                guard !item.isLinked else { return nil }
                let text = try item.order.metadata(of: image, images).text
                let lines = text.split(separator: "\n").joined(separator: "\n  ")
                return "  \(JSONString.quoted(name)): \(lines)"
            }
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}"
    }
}
