/// What lists and objects have.
extension BakeScope {
    func member(_ name: String, of value: BakeValue, _ place: BakePlace) throws(BakeFault)
        -> BakeValue
    {
        guard case .object(let members) = value else {
            throw BakeFault(place, "\(value.kind) has no \(name)")
        }
        guard let member = members[name] else {
            let known = members.keys.sorted().joined(separator: ", ")
            throw BakeFault(place, "there is no \(name) in it", hint: "it has \(known)")
        }
        return member
    }

    func element(of value: BakeValue, at index: BakeValue, _ place: BakePlace)
        throws(BakeFault) -> BakeValue
    {
        if case .list(let elements) = value, let number = index.asNumber {
            guard let position = Int(exactly: number), elements.indices.contains(position) else {
                throw BakeFault(
                    place,
                    "there is no element \(BakeValue.digits(number)) in a list of \(elements.count)"
                )
            }
            return elements[position]
        }
        if case .object = value, let name = index.text { return try member(name, of: value, place) }
        throw BakeFault(place, "\(value.kind) has no element by \(index.kind)")
    }
}
