import ArgumentParser
import Bake
import Builder
import OCI
import SystemPackage

/// The builds of a bake plan. A target is the command line that builds it, so that each attribute
/// means what the flag means, and is refused as the flag is.
struct BakeOrders: Sendable {
    /// One target.
    struct Item: Sendable {
        var order: BuildOrder
        /// Named contexts that are other targets: names, and the targets.
        var contexts: [String: String]
        /// Nobody asked for it; others build upon it.
        var isLinked: Bool
    }

    /// By the target's name.
    private(set) var items: [String: Item] = [:]
    /// What is asked instead of building; nil for a build.
    private(set) var call: BuildCall?

    init(_ plan: BakePlan, _ wishes: BakeWishes) throws {
        let allowed = try wishes.allowed()
        for target in plan.targets {
            let isLinked = plan.linked.contains(target.name)
            let item = try Self.item(target, wishes, isLinked: isLinked, allowed: allowed)
            items[target.name] = item
            if item.order.call != .build, !isLinked { call = item.order.call }
        }
        try checkTags()
    }

    /// What is said before anything is built, once each.
    var notes: [String] {
        items.sorted { $0.key < $1.key }.flatMap { name, item in
            item.order.notes.map { "target \(name): \($0)" }
        }
    }

    /// Two images cannot have one name.
    private func checkTags() throws {
        var owners: [String: String] = [:]
        for (name, item) in items.sorted(by: { $0.key < $1.key }) {
            for tag in item.order.names.map(\.description) {
                if let other = owners[tag] {
                    Progress.message(
                        "warning: targets \(other) and \(name) have the tag \(tag): the one that ends last keeps it"
                    )
                }
                owners[tag] = name
            }
        }
    }

    private static func item(
        _ target: BakeTarget,
        _ wishes: BakeWishes,
        isLinked: Bool,
        allowed: Set<String>
    ) throws -> Item {
        let refused = target.texts(.entitlements).filter { !allowed.contains($0) }
        guard refused.isEmpty else {
            throw Failure(
                "target \(target.name) asks for \(refused.joined(separator: ", ")); "
                    + "add " + refused.map { "--allow \($0)" }.joined(separator: " ")
                    + " if it may"
            )
        }
        var arguments = try arguments(of: target)
        if wishes.check { arguments.append("--check") }
        if let call = wishes.call ?? target.text(.call) { arguments.append("--call=\(call)") }
        arguments += ["--", target.text(.context) ?? "."]
        var order: BuildOrder
        do {
            order = try ImageGroup.Build.parse(arguments).order()
        } catch let failure as Failure {
            throw Failure("target \(target.name): \(failure)")
        } catch {
            throw Failure("target \(target.name): \(ImageGroup.Build.message(for: error))")
        }
        order.request.name = target.name
        if let text = target.text(.dockerfileInline) {
            order.request.dockerfile = .inline(text)
        } else if let file = target.text(.dockerfile) {
            // In the context, unless it is absolute.
            order.request.dockerfile = .path(FilePath(file))
        }
        var contexts: [String: String] = [:]
        for (name, value) in target.map(.contexts) where value.hasPrefix("target:") {
            contexts[name] = String(value.dropFirst("target:".count))
        }
        return Item(order: order, contexts: contexts, isLinked: isLinked)
    }

    /// The flags that say what the attributes say.
    private static func arguments(of target: BakeTarget) throws -> [String] {
        var all: [String] = []
        func add(_ flag: String, _ values: [String]) { all += values.map { "--\(flag)=\($0)" } }
        func pairs(_ attribute: BakeAttribute) -> [String] {
            target.map(attribute).map { "\($0.key)=\($0.value)" }
        }
        add("tag", target.texts(.tags))
        add("build-arg", pairs(.args))
        add("label", pairs(.labels))
        add("add-host", pairs(.extraHosts))
        add("annotation", target.texts(.annotations))
        add("build-context", pairs(.contexts).filter { !$0.contains("=target:") })
        add("no-cache-filter", target.texts(.noCacheFilter))
        add("ulimit", target.texts(.ulimits))
        add("allow", target.texts(.entitlements))
        let platforms = target.texts(.platforms)
        if !platforms.isEmpty { add("platform", [platforms.joined(separator: ",")]) }
        for (attribute, flag) in [
            (BakeAttribute.target, "target"), (.network, "network"), (.shmSize, "shm-size"),
        ] {
            if let text = target.text(attribute) { add(flag, [text]) }
        }
        add("output", target.options(.output).map(\.flag))
        add("cache-from", target.options(.cacheFrom).map(\.flag))
        add("cache-to", target.options(.cacheTo).map(\.flag))
        add("secret", target.options(.secret).map(\.flag))
        add(
            "ssh",
            target.options(.ssh).map { options in
                let id = options.values["id"] ?? "default"
                return options.values["paths"].map { "\(id)=\($0)" } ?? id
            }
        )
        for options in target.options(.attest) {
            all.append("--\(try attestation(options))=\(value(options))")
        }
        if target.flag(.pull) { all.append("--pull") }
        if target.flag(.noCache) { all.append("--no-cache") }
        return all
    }

    /// `type=provenance` is `--provenance`.
    private static func attestation(_ options: BakeOptions) throws -> String {
        let type = options.values["type"] ?? ""
        guard ["provenance", "sbom"].contains(type) else {
            throw Failure("attest type=\(type): it can be provenance or sbom")
        }
        return type
    }

    private static func value(_ options: BakeOptions) -> String {
        if options.values["disabled"] == "true" { return "false" }
        let rest = options.values.filter { $0.key != "type" && $0.key != "disabled" }
        return rest.isEmpty ? "true" : BakeOptions(rest).flag
    }
}
