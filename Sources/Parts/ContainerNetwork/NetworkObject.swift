/// Something of ours in the kernel's network state, as the audit lists it.
package struct NetworkObject: Hashable, Sendable, CustomStringConvertible {
    /// What kind of object of the kernel.
    package enum Kind: Hashable, Sendable {
        case bridge
        case veth
        /// An element of a set or map of our firewall table, by the set's name and the raw key.
        case element(set: String, key: [UInt8])
    }

    package var kind: Kind
    /// A link's name; for an element what it says, in words.
    package var name: String
    /// nil when the object has our kind of name but does not say whose it is.
    package var owner: Owner?

    package var description: String {
        let what =
            switch kind {
            case .bridge: "bridge \(name)"
            case .veth: "link \(name)"
            case .element(let set, _): "firewall element \(name) in \(set)"
            }
        return owner.map { "\(what) (\($0))" } ?? what
    }
}
