import CLinux
import Glibc
import Linux

/// The second wall before the host's loopback, on the host's end of a container's link: what comes in
/// for 127.0.0.0/8 is dropped by a filter of the link itself, before anything else sees it. It stands
/// when the firewall is gone.
///
/// Not on the bridge: with br_netfilter, answers to the host's own connections through a published
/// port have their old destination, 127.0.0.1, again when they leave the port. tc-bpf(8), bpf(2).
enum LoopbackWall {
    private static let name = "berth-loopback"
    /// Before filters of others.
    private static let priority: UInt32 = 1
    private static let handle: UInt32 = 1

    /// Puts it up. Where the kernel has no such filters, the firewall notes that there is one wall only.
    static func ensure(_ route: inout NetlinkSocket, link index: Int32) throws(NetworkError) {
        guard try !put(&route, link: index) else { return }
        var firewall = try Firewall()
        try firewall.put(
            [SetElement(set: HostTable.host, key: HostTable.hasOneWall, owner: Owner())],
            in: HostTable.table,
            action: "note what the kernel lacks"
        )
    }

    private static func put(
        _ route: inout NetlinkSocket,
        link index: Int32
    ) throws(NetworkError) -> Bool {
        do {
            let program = try load()
            let filter = program.with { newFilter(index, program: $0) }
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

    /// Whether it stands.
    static func stands(
        _ route: inout NetlinkSocket,
        link index: Int32
    ) throws(NetworkError) -> Bool {
        try route.dump(listFilters(index)).contains { message in
            guard message.type == UInt16(RTM_NEWTFILTER) else { return false }
            let options = message.attributes(after: tcmsg.self).nested(TCA_OPTIONS)
            return options?.text(TCA_BPF_NAME) == name
        }
    }

    private static let unsupported: Set<CInt> = [ENOENT, EOPNOTSUPP, EINVAL, EPERM]

    /// Drops a packet whose byte 30, the first of its destination, is 127; the link's header counts.
    private static let instructions: [UInt64] = [
        0x0000_0000_0000_16BF,  // r6 = context
        0x0000_001E_0000_0030,  // r0 = byte 30
        0x0000_007F_0002_0055,  // another than 127: two further
        0x0000_0002_0000_00B7, 0x0000_0000_0000_0095,  // drop
        0xFFFF_FFFF_0000_00B7, 0x0000_0000_0000_0095,  // ask the next filter
    ]

    private static func load() throws(SyscallError) -> OwnedFD {
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

    private static func newFilter(_ index: Int32, program: CInt) -> NetlinkRequest {
        let ip = UInt32(UInt16(0x0800).bigEndian)
        return NetlinkRequest(
            type: UInt16(RTM_NEWTFILTER),
            flags: UInt16(NLM_F_CREATE | NLM_F_EXCL),
            action: "filter what comes in by a container's link",
            accepted: [EEXIST]
        ) {
            $0.append(message(index, handle, parent: BERTH_TC_INGRESS, info: priority << 16 | ip))
            $0.attribute(TCA_KIND, "bpf")
            $0.nested(TCA_OPTIONS) { options in
                options.attribute(TCA_BPF_FD, native: UInt32(program))
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
