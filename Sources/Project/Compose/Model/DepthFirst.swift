/// Goes through what needs what, depth first: each key after all that it needs, once.
///
/// It keeps its own stack, since a chain of thousands would use up the thread's.
package struct DepthFirst<Key: Hashable> {
    /// Keys that were left already: walks from several starts visit each once.
    private var done: Set<Key> = []

    /// Says nothing yet.
    package init() {}

    /// Visits `start` and everything it needs that no earlier walk has left.
    ///
    /// `circle` gets the keys on the way from the start, and the one of them that was met again;
    /// when it returns, the walk goes on without that step. `leave` gets each key once all that it
    /// needs have been left, but those that close a circle.
    package mutating func walk<Failure: Error>(
        from start: Key,
        needs: (Key) -> [Key],
        circle: (_ way: [Key], _ again: Key) throws(Failure) -> Void,
        leave: (Key) -> Void = { _ in }
    ) throws(Failure) {
        guard !done.contains(start) else { return }
        var way = [start]
        var onWay: Set<Key> = [start]
        var open = [needs(start)[...]]
        while let key = way.last {
            guard let next = open[open.count - 1].popFirst() else {
                done.insert(key)
                onWay.remove(key)
                way.removeLast()
                open.removeLast()
                leave(key)
                continue
            }
            if onWay.contains(next) {
                try circle(way, next)
            } else if !done.contains(next) {
                way.append(next)
                onWay.insert(next)
                open.append(needs(next)[...])
            }
        }
    }
}
