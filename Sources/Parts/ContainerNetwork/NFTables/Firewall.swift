import Glibc

/// Changes to the firewall of the calling thread's network namespace, each one transaction.
///
/// Several processes change our table at the same time. A transaction either says everything it
/// relies on or names the generation it was made for; one that lost a race is made again.
struct Firewall: ~Copyable {
    private var socket: NetlinkSocket

    init() throws(NetworkError) { socket = try NetlinkSocket(.netfilter) }

    /// Refusals after which looking again and trying again can succeed.
    private static let races: Set<CInt> = [EBUSY, EEXIST, ENOENT, ERESTART, EAGAIN, EINTR]
    private static let attempts = 32

    /// Makes the table what it should be; cheap when it already is. Elements of sets stay, unless
    /// the sets are of another shape (another version's), which are replaced.
    mutating func install(_ table: Table) throws(NetworkError) {
        try replaceEarlier(table)
        if try isInstalled(table) { return }
        do throws(NetworkError) {
            try socket.commit(NFTables.install(table))
        } catch  where error.errno != EPERM {
            let replacing = [NFTables.delete(table: table.name)] + NFTables.install(table)
            do throws(NetworkError) { try socket.commit(replacing) } catch { _ = error }
            // The table is whole, by whoever's transaction, or the first refusal stands.
            guard try isInstalled(table) else { throw error }
        }
    }

    /// Puts the table in place of that of an earlier version, which saw IPv4 alone, with its elements: in
    /// one transaction, so that no packet passes between the two.
    ///
    /// A supervisor of the earlier version that still runs makes its table again with what it keeps,
    /// and both say the same until the next change.
    mutating func replaceEarlier(_ table: Table) throws(NetworkError) {
        let earlier = NFTables.earlierFamily
        try retrying { firewall throws(NetworkError) in
            let look = NFTables.get(table: table.name, family: earlier)
            let answers = try firewall.socket.perform([look])
            guard answers.joined().contains(where: NFTables.isTable) else { return }
            let generation = try firewall.generation()
            var moved: [SetElement] = []
            for set in table.sets {
                let present = Set(try firewall.elements(of: set, table: table.name).map(\.key))
                moved += try firewall.elements(of: set, table: table.name, family: earlier)
                    .filter { set.fits($0) && !present.contains($0.key) }
            }
            let action = "replace the firewall table \(table.name) of an earlier version"
            try firewall.socket.commit(
                NFTables.install(table) + NFTables.add(moved, table: table.name, action: action)
                    + [NFTables.delete(table: table.name, family: earlier)],
                generation: generation
            )
        }
    }

    /// Whether the table's rules are exactly what they should be.
    mutating func isInstalled(_ table: Table) throws(NetworkError) -> Bool {
        var found: [String: [String]] = [:]
        for message in try socket.dump(NFTables.listRules(table: table.name)) {
            guard let rule = NFTables.rule(message) else { continue }
            found[rule.chain, default: []].append(rule.comment)
        }
        return table.chains.allSatisfy { found[$0.name] == $0.rules.map(\.comment) }
    }

    /// Makes these the elements with their keys, in one transaction; what another owner had
    /// there is replaced. Installs the table first when it is missing.
    mutating func put(
        _ elements: [SetElement],
        in table: Table,
        action: String
    ) throws(NetworkError) {
        try retrying { firewall throws(NetworkError) in
            let present = try firewall.look(up: elements, table: table.name)
            let missing = zip(elements, present).filter { $0 != $1 }.map(\.0)
            let stale = zip(elements, present).filter { $1 != nil && $0 != $1 }.map(\.0)
            do throws(NetworkError) {
                try firewall.socket.commit(
                    NFTables.delete(stale, table: table.name, action: action)
                        + NFTables.add(missing, table: table.name, action: action)
                )
            } catch  where error.errno == ENOENT {
                try firewall.install(table)
                throw error
            }
        }
    }

    /// Removes these elements as far as they are there and their owner is the same.
    mutating func remove(
        _ elements: [SetElement],
        from table: String,
        action: String
    ) throws(NetworkError) {
        try retrying { firewall throws(NetworkError) in
            let present = try firewall.look(up: elements, table: table)
            let ours = zip(elements, present).filter { wanted, there in
                there.map { wanted.isOfSameOwner(as: $0) } ?? false
            }
            try firewall.socket.commit(
                NFTables.delete(ours.map(\.0), table: table, action: action)
            )
        }
    }

    /// The elements with these keys, nil where there is none.
    mutating func look(
        up elements: [SetElement],
        table: String
    ) throws(NetworkError) -> [SetElement?] {
        let answers = try socket.perform(elements.map { NFTables.get($0, table: table) })
        return answers.map { $0.lazy.flatMap { NFTables.elements($0) }.first }
    }

    /// Every element of the table's sets.
    mutating func elements(of table: Table) throws(NetworkError) -> [SetElement] {
        var elements: [SetElement] = []
        for set in table.sets { elements += try self.elements(of: set, table: table.name) }
        return elements
    }

    private mutating func elements(
        of set: SetDefinition,
        table: String,
        family: UInt8 = NFTables.family
    ) throws(NetworkError) -> [SetElement] {
        let request = NFTables.listElements(of: set.name, table: table, family: family)
        return try socket.dump(request).flatMap { NFTables.elements($0) }
    }

    /// Removes the table if its sets hold nothing but `settings`, at one moment for all. Gives what
    /// those were; nil when the table is still used.
    mutating func removeIfUnused(
        _ table: Table,
        settings: String
    ) throws(NetworkError) -> [SetElement]? {
        try retrying { firewall throws(NetworkError) in
            let generation = try firewall.generation()
            var found: [SetElement] = []
            for set in table.sets {
                let elements = try firewall.elements(of: set, table: table.name)
                guard elements.isEmpty || set.name == settings else { return nil }
                found += elements
            }
            do throws(NetworkError) {
                try firewall.socket.commit(
                    [NFTables.delete(table: table.name)],
                    generation: generation
                )
            } catch  where error.errno == ENOENT {
                return []
            }
            return found
        }
    }

    /// The chains of others that decide about forwarding.
    mutating func othersFilteringForwarding() throws(NetworkError) -> [NFTables.ListedChain] {
        try socket.dump(NFTables.listChains()).compactMap(NFTables.chain)
            .filter { $0.hook == .forward && $0.table != HostTable.name }
    }

    /// The rules of any chain, in order.
    mutating func rules(
        of chain: NFTables.ListedChain
    ) throws(NetworkError) -> [NFTables.ListedRule] {
        try socket.dump(NFTables.listRules(of: chain)).compactMap(NFTables.listedRule)
    }

    /// One transaction of requests that rely on nothing else.
    mutating func commit(_ requests: [NetlinkRequest]) throws(NetworkError) {
        try socket.commit(requests)
    }

    private mutating func generation() throws(NetworkError) -> UInt32 {
        let answers = try socket.perform([NFTables.getGeneration])
        guard let generation = answers[0].lazy.compactMap(NFTables.generation).first else {
            throw NetworkError(
                action: NFTables.getGeneration.action,
                reason: "the kernel did not say it"
            )
        }
        return generation
    }

    private mutating func retrying<R>(
        _ body: (inout Firewall) throws(NetworkError) -> R
    ) throws(NetworkError) -> R {
        for _ in 1..<Self.attempts {
            do throws(NetworkError) {
                return try body(&self)
            } catch  where error.errno.map(Self.races.contains) ?? false {
                continue
            }
        }
        return try body(&self)
    }
}
