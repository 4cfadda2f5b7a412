package import Compose
package import ContainerRuntime
import Engine
package import OrderedCollections

/// What follows from paths that changed together, in the order in which it is done: images first, then
/// copies, restarts and commands. Each is done once, however many paths ask for it.
package struct WatchBatch: Equatable, Sendable {
    /// Services whose image is built, and whose containers are recreated.
    package var rebuilt: OrderedSet<String> = []
    /// What is copied, by service.
    package var copied: OrderedDictionary<String, OrderedSet<FileSync.Item>> = [:]
    /// Services whose containers are restarted.
    package var restarted: OrderedSet<String> = []
    /// Commands that are run in the containers of a service, by the place of their rule.
    package var executed: OrderedDictionary<String, OrderedSet<Int>> = [:]

    /// Nothing follows.
    package init() {}

    /// What rules say of paths.
    package init(_ paths: some Sequence<String>, _ triggers: [WatchTrigger]) {
        for path in paths.sorted() {
            for (place, trigger) in triggers.enumerated() {
                switch trigger.match(path) {
                case .none: continue
                case .action: break
                case .copy(let item): copied[trigger.service, default: []].append(item)
                }
                switch trigger.rule.action {
                case .sync: break
                case .rebuild: rebuilt.append(trigger.service)
                case .restart, .syncAndRestart: restarted.append(trigger.service)
                case .syncAndExec: executed[trigger.service, default: []].append(place)
                }
            }
        }
    }

    /// Whether nothing follows.
    package var isEmpty: Bool { self == WatchBatch() }
}

extension ExecRequest {
    /// The command of a rule of `develop.watch`.
    package init(_ hook: Hook) { self.init(HookSpec(of: hook)) }
}
