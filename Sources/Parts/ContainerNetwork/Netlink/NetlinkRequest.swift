import CLinux

/// One message to the kernel.
struct NetlinkRequest {
    var type: UInt16
    /// Besides `NLM_F_REQUEST`.
    var flags: UInt16
    var payload: [UInt8]
    /// What it is for, after "cannot": stands in the error when the kernel refuses it.
    var action: String
    /// Refusals that mean that the work is already done (`EEXIST` for a creation).
    var accepted: Set<CInt> = []

    init(
        type: UInt16,
        flags: UInt16 = 0,
        action: String,
        accepted: Set<CInt> = [],
        _ body: (inout AttributeWriter) -> Void
    ) {
        var writer = AttributeWriter()
        body(&writer)
        self.type = type
        self.flags = flags
        self.payload = writer.bytes
        self.action = action
        self.accepted = accepted
    }

    /// Whether it makes, changes or removes something of rtnetlink's. Its kinds come in fours: new, delete, get, set.
    var changesLinks: Bool { type < 1 << 8 && type & 3 != 2 }

    /// The message as it travels.
    func encoded(sequence: UInt32) -> [UInt8] {
        let header = nlmsghdr(
            nlmsg_len: UInt32(MemoryLayout<nlmsghdr>.size + payload.count),
            nlmsg_type: type,
            nlmsg_flags: flags | UInt16(NLM_F_REQUEST),
            nlmsg_seq: sequence,
            nlmsg_pid: 0
        )
        return withUnsafeBytes(of: header) { [UInt8]($0) } + payload
    }
}

/// One message from the kernel.
struct NetlinkMessage {
    var type: UInt16
    var flags: UInt16
    var sequence: UInt32
    var payload: ArraySlice<UInt8>

    /// Splits what one read returned; malformed remains are dropped.
    static func parse(_ bytes: [UInt8]) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = bytes[...]
        let header = MemoryLayout<nlmsghdr>.size
        while rest.count >= header {
            let length = Int(rest.number(at: 0, as: UInt32.self))
            guard length >= header, length <= rest.count else { break }
            messages.append(
                NetlinkMessage(
                    type: rest.number(at: 4, as: UInt16.self),
                    flags: rest.number(at: 6, as: UInt16.self),
                    sequence: rest.number(at: 8, as: UInt32.self),
                    payload: rest.prefix(length).dropFirst(header)
                )
            )
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return messages
    }

    /// Skips a fixed struct and reads the attributes after it.
    func attributes<T>(after _: T.Type) -> Attributes {
        Attributes(payload.dropFirst((MemoryLayout<T>.size + 3) & ~3))
    }
}

/// The kernel's answer to one message: done, or a number and perhaps a sentence.
struct NetlinkVerdict: Equatable {
    /// 0 when it was done.
    var errno: CInt
    /// The kernel's own explanation (extended acknowledgement), when it has one.
    var explanation: String?

    /// Reads an `NLMSG_ERROR`; nil for any other message.
    init?(_ message: NetlinkMessage) {
        guard message.type == UInt16(NLMSG_ERROR), message.payload.count >= 4 else { return nil }
        errno = -message.payload.number(at: 0, as: CInt.self)
        guard message.flags & UInt16(NLM_F_ACK_TLVS.rawFlag) != 0 else { return }
        // After the number comes our header, and our payload too unless the kernel capped it.
        var echoed = MemoryLayout<nlmsghdr>.size
        if message.flags & UInt16(NLM_F_CAPPED.rawFlag) == 0, message.payload.count >= 8 {
            echoed = Int(message.payload.number(at: 4, as: UInt32.self) + 3) & ~3
        }
        let attributes = Attributes(message.payload.dropFirst(4 + echoed))
        explanation = attributes.text(NLMSGERR_ATTR_MSG)
    }
}

extension FixedWidthInteger {
    /// A flag constant as the unsigned number it stands for.
    fileprivate var rawFlag: UInt16 { UInt16(truncatingIfNeeded: self) }
}
