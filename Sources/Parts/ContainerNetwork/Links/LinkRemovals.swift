import CLinux
import Glibc

/// Links over which nothing passes any more, by the kernel's numbers for them: it gives a name to the
/// next link that asks for it, and a number to none.
package struct CutLinks: Hashable, Sendable {
    var indices: [Int32] = []

    /// Whether there is nothing to remove.
    package var isEmpty: Bool { indices.isEmpty }
}

extension NetlinkSocket {
    /// Takes these links down, as far as they are there. That takes the kernel no time: with a link its
    /// routes go, and what a bridge has learned about it.
    mutating func cut(links names: [String]) throws(NetworkError) -> CutLinks {
        guard !names.isEmpty else { return CutLinks() }
        let requests = names.map { RouteRequest.get(link: $0, accepted: [ENODEV]) }
        let links = try perform(requests).joined().compactMap(Link.init)
        try perform(links.map { RouteRequest.setDown($0.index, named: $0.name) })
        return CutLinks(indices: links.map(\.index))
    }

    /// Removes these links, as far as they are there, in one step: they are put into a group of
    /// their own, which is removed.
    mutating func remove(_ links: [Int32]) throws(NetworkError) {
        if links.count == 1 {
            try perform([RouteRequest.delete(link: links[0])])
            return
        }
        // Group 0 holds every link of the machine.
        let group = UInt32.random(in: 1 << 16 ... .max)
        try perform(
            links.map { RouteRequest.setGroup($0, group) }
                + [
                    RouteRequest.delete(
                        group: group,
                        action: "remove links \(links.map(\.description).joined(separator: ", "))"
                    )
                ]
        )
    }
}
