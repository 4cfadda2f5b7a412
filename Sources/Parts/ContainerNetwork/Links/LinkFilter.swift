import Addresses
import CLinux
import Glibc
import Linux

/// The packet filter on the host's end of a container's link: what comes in there and may not is
/// dropped before the bridge or the firewall see it, and the bridge learns nothing from it. It stands
/// when the firewall is gone, and goes with its link. `LinkProgram` says what may come in.
///
/// Not on the bridge: with br_netfilter, answers to the host's own connections through a published
/// port have their old destination, 127.0.0.1, again when they leave the port. tc-bpf(8), bpf(2).
enum LinkFilter {
    /// Behind the place of an earlier version's, which looked at IPv4 only: one priority has one protocol.
    private static let priority: UInt32 = 2
    private static let handle: UInt32 = 1

    /// Puts it up, in place of another one of ours, and carries out `rest` behind it. Where the kernel
    /// has no such filters, the firewall notes that.
    static func ensure(
        _ route: inout NetlinkSocket,
        link index: Int32,
        for endpoint: Endpoint,
        home: LinkProgram.Home?,
        then rest: [NetlinkRequest]
    ) throws(NetworkError) {
        let program = LinkProgram(for: endpoint, home: home)
        if try !put(program, &route, link: index, then: rest) {
            try noteMissing()
        }
    }

    private static func noteMissing() throws(NetworkError) {
        var firewall = try Firewall()
        try firewall.put(
            [SetElement(set: HostTable.host, key: HostTable.hasNoLinkFilters, owner: Owner())],
            in: HostTable.table,
            action: "note what the kernel lacks"
        )
    }

    /// Those of these links on which it stands, with its program and no other.
    static func standing(
        _ route: inout NetlinkSocket,
        on links: [(index: Int32, program: LinkProgram)]
    ) throws(NetworkError) -> Set<Int32> {
        let answers = try route.perform(links.map { getFilter($0.index) })
        var standing: Set<Int32> = []
        for (link, messages) in zip(links, answers) {
            let program = link.program
            let stands = messages.contains { message in
                guard message.type == UInt16(RTM_NEWTFILTER) else { return false }
                return message.attributes(after: tcmsg.self).nested(TCA_OPTIONS)
                    .map { applies(program, $0) } ?? false
            }
            if stands { standing.insert(link.index) }
        }
        return standing
    }

    /// Whether a filter, by its options, is this program and what it says is done.
    private static func applies(_ program: LinkProgram, _ options: Attributes) -> Bool {
        guard options.text(TCA_BPF_NAME) == program.name,
            let flags = options.native(TCA_BPF_FLAGS, as: UInt32.self),
            flags & directAction != 0
        else { return false }
        return options[TCA_BPF_TAG].map(program.has(tag:)) ?? true
    }

    /// What the program returns is done, instead of being the number of a class.
    private static let directAction = UInt32(TCA_BPF_FLAG_ACT_DIRECT)

    /// Whether the kernel has such filters: tried on the loopback of the calling thread's network
    /// namespace, which is made for that.
    static func isSupported() throws(NetworkError) -> Bool {
        var route = try NetlinkSocket(.route)
        let loopback = try route.link("lo")
        let anybody = Endpoint(
            containerID: "",
            interfaceName: "",
            addresses: [],
            isDefaultRoute: false
        )
        return try put(LinkProgram(for: anybody), &route, link: loopback.index)
    }

    /// Gives false where the kernel has no such filters; `rest` is carried out all the same.
    static func put(
        _ program: LinkProgram,
        _ route: inout NetlinkSocket,
        link index: Int32,
        then rest: [NetlinkRequest] = []
    ) throws(NetworkError) -> Bool {
        // `try?`: for whatever reason bpf(2) cannot be used, there is no filter.
        guard let loaded = try? program.load() else {
            try route.perform(rest)
            return false
        }
        return try loaded.with { descriptor throws(NetworkError) in
            let filter = newFilter(index, program.name, descriptor: descriptor)
            do throws(NetworkError) {
                try route.perform([newHook(index), filter] + rest)
                return true
            } catch {
                guard unsupported.contains(error.errno ?? 0) else { throw error }
                return false
            }
        }
    }

    private static let unsupported: Set<CInt> = [ENOENT, EOPNOTSUPP, EINVAL, EPERM]

    static func newHook(_ index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWQDISC),
            flags: UInt16(NLM_F_CREATE | NLM_F_EXCL),
            action: "filter what comes in by a container's link",
            accepted: [EEXIST]
        ) {
            $0.append(message(index, BERTH_TC_CLSACT_HANDLE, parent: BERTH_TC_CLSACT, info: 0))
            $0.attribute(TCA_KIND, "clsact")
        }
    }

    static func newFilter(
        _ index: Int32,
        _ name: String,
        descriptor: CInt,
        flags: UInt32 = directAction
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWTFILTER),
            flags: UInt16(NLM_F_CREATE),
            action: "filter what comes in by a container's link"
        ) {
            $0.append(place(index))
            $0.attribute(TCA_KIND, "bpf")
            $0.nested(TCA_OPTIONS) { options in
                options.attribute(TCA_BPF_FD, native: UInt32(descriptor))
                options.attribute(TCA_BPF_NAME, name)
                options.attribute(TCA_BPF_FLAGS, native: flags)
            }
        }
    }

    /// Asks for the filter in our place.
    private static func getFilter(_ index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_GETTFILTER),
            action: "look at the filter of a link",
            accepted: [EINVAL, ENOENT, EOPNOTSUPP, ENODEV]
        ) { $0.append(place(index)) }
    }

    /// Where our filter is among those of a link.
    private static func place(_ index: Int32) -> tcmsg {
        let everyProtocol = UInt32(UInt16(ETH_P_ALL).bigEndian)
        return message(
            index,
            handle,
            parent: BERTH_TC_INGRESS,
            info: priority << 16 | everyProtocol
        )
    }

    private static func message(
        _ index: Int32,
        _ handle: UInt32,
        parent: UInt32,
        info: UInt32
    ) -> tcmsg {
        var message = tcmsg()
        message.tcm_ifindex = index
        message.tcm_handle = handle
        message.tcm_parent = parent
        message.tcm_info = info
        return message
    }
}
