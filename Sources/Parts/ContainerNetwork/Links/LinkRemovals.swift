extension NetlinkSocket {
    /// Removes these links, as far as they are there, in one step: they are put into a group of
    /// their own, which is removed.
    mutating func remove(links names: [String]) throws(NetworkError) {
        if names.count == 1 {
            try perform([RouteRequest.delete(link: names[0])])
            return
        }
        // Group 0 holds every link of the machine.
        let group = UInt32.random(in: 1 << 16 ... .max)
        try perform(
            names.map { RouteRequest.setGroup($0, group) }
                + [
                    RouteRequest.delete(
                        group: group,
                        action: "remove links \(names.joined(separator: ", "))"
                    )
                ]
        )
    }
}
