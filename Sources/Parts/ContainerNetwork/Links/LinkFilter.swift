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

    /// Puts it up, in place of another one of ours. Where the kernel has no such filters, the firewall
    /// notes that.
    static func ensure(
        _ route: inout NetlinkSocket,
        link index: Int32,
        for endpoint: Endpoint
    ) throws(NetworkError) {
        guard try !put(LinkProgram(for: endpoint), &route, link: index) else { return }
        var firewall = try Firewall()
        try firewall.put(
            [SetElement(set: HostTable.host, key: HostTable.hasNoLinkFilters, owner: Owner())],
            in: HostTable.table,
            action: "note what the kernel lacks"
        )
    }

    /// Whether it stands.
    static func stands(
        _ route: inout NetlinkSocket,
        link index: Int32,
        for endpoint: Endpoint
    ) throws(NetworkError) -> Bool {
        let name = LinkProgram(for: endpoint).name
        return try route.dump(listFilters(index)).contains { message in
            guard message.type == UInt16(RTM_NEWTFILTER) else { return false }
            let options = message.attributes(after: tcmsg.self).nested(TCA_OPTIONS)
            return options?.text(TCA_BPF_NAME) == name
        }
    }

    /// Whether the kernel has such filters: tried on the loopback of the calling thread's network
    /// namespace, which is made for that.
    static func isSupported() throws(NetworkError) -> Bool {
        var route = try NetlinkSocket(.route)
        let loopback = try route.link("lo")
        let anybody = Endpoint(
            containerID: "",
            interfaceName: "",
            address: .any,
            isDefaultRoute: false
        )
        return try put(LinkProgram(for: anybody), &route, link: loopback.index)
    }

    /// Gives false where the kernel has no such filters.
    private static func put(
        _ program: LinkProgram,
        _ route: inout NetlinkSocket,
        link index: Int32
    ) throws(NetworkError) -> Bool {
        do {
            let loaded = try load(program.instructions)
            let filter = loaded.with { newFilter(index, program.name, descriptor: $0) }
            try route.perform([newHook(index), filter])
            return true
        } catch let error as NetworkError {
            guard unsupported.contains(error.errno ?? 0) else { throw error }
            return false
        } catch {
            // bpf(2) is not there or not allowed.
            return false
        }
    }

    private static let unsupported: Set<CInt> = [ENOENT, EOPNOTSUPP, EINVAL, EPERM]

    private static func load(_ instructions: [UInt64]) throws(SyscallError) -> OwnedFD {
        OwnedFD(
            taking: try syscall("bpf", on: "BPF_PROG_LOAD") {
                berth_bpf_load_packet_filter(instructions, UInt32(instructions.count))
            }
        )
    }

    private static func newHook(_ index: Int32) -> NetlinkRequest {
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

    private static func newFilter(
        _ index: Int32,
        _ name: String,
        descriptor: CInt
    ) -> NetlinkRequest {
        let everyProtocol = UInt32(UInt16(ETH_P_ALL).bigEndian)
        return NetlinkRequest(
            type: UInt16(RTM_NEWTFILTER),
            flags: UInt16(NLM_F_CREATE),
            action: "filter what comes in by a container's link"
        ) {
            $0.append(
                message(
                    index,
                    handle,
                    parent: BERTH_TC_INGRESS,
                    info: priority << 16 | everyProtocol
                )
            )
            $0.attribute(TCA_KIND, "bpf")
            $0.nested(TCA_OPTIONS) { options in
                options.attribute(TCA_BPF_FD, native: UInt32(descriptor))
                options.attribute(TCA_BPF_NAME, name)
                options.attribute(TCA_BPF_FLAGS, native: UInt32(TCA_BPF_FLAG_ACT_DIRECT))
            }
        }
    }

    private static func listFilters(_ index: Int32) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_GETTFILTER),
            action: "list the filters of a link",
            accepted: [EINVAL, ENOENT, EOPNOTSUPP]
        ) { $0.append(message(index, 0, parent: BERTH_TC_INGRESS, info: 0)) }
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
