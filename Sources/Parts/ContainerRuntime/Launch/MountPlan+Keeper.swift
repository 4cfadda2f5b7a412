import CLinux
import Linux

extension SpecBuilder {
    /// Writes down the mounts; `add` numbers a descriptor to hand over.
    mutating func set(_ plan: MountPlan, _ add: (SharedFD?) -> CInt) {
        let mounts = plan.entries.map { entry in
            keeper_mount(
                kind: entry.kind.rawValue,
                flags: UInt32(entry.flags),
                source: text(entry.source),
                target: text(entry.target),
                options: pairs(entry.options),
                links: pairs(entry.links),
                attributes: entry.attributes,
                propagation: entry.propagation,
                given: add(entry.given),
                padding: 0
            )
        }
        fields.mounts = list(mounts)
    }
}
