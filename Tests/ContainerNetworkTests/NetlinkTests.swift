import Addresses
import CLinux
import Glibc
import Testing

@testable import ContainerNetwork

@Suite("netlink messages")
struct NetlinkTests {
    @Test("attributes have length, type, value and padding, and nest")
    func attributes() {
        var writer = AttributeWriter()
        writer.attribute(UInt16(3), "lo")
        writer.nested(UInt16(18)) { $0.attribute(UInt16(1), big: UInt16(80)) }
        #expect(
            writer.bytes == [7, 0, 3, 0, 0x6c, 0x6f, 0, 0] + [12, 0, 18, 0x80]
                + [6, 0, 1, 0, 0, 80, 0, 0]
        )
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        var writer = AttributeWriter()
        writer.attribute(UInt16(1), "bth0")
        writer.attribute(UInt16(2), native: UInt32(1500))
        writer.nested(UInt16(3)) { $0.attribute(UInt16(4), big: UInt32(7)) }
        let attributes = Attributes(writer.bytes[...])
        #expect(attributes.text(UInt16(1)) == "bth0")
        #expect(attributes.native(UInt16(2), as: UInt32.self) == 1500)
        #expect(attributes.nested(UInt16(3))?.big(UInt16(4), as: UInt32.self) == 7)
        #expect(attributes.text(UInt16(5)) == nil)
    }

    @Test(
        "malformed attributes end the list",
        arguments: [
            [], [8, 0, 1], [3, 0, 1, 0], [9, 0, 1, 0, 1, 2, 3, 4], [0, 0, 0, 0],
        ] as [[UInt8]]
    )
    func malformed(bytes: [UInt8]) {
        #expect(Attributes(bytes[...]).all.isEmpty)
    }

    @Test("a message has its length, type, flags and sequence in front")
    func message() throws {
        let request = RouteRequest.delete(link: "bv1")
        let bytes = request.encoded(sequence: 9)
        #expect(
            bytes.prefix(16) == [40, 0, 0, 0, 17, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        )
        #expect(bytes.suffix(8) == [8, 0, 3, 0] + Array("bv1".utf8) + [0])
        let read = try #require(NetlinkMessage.parse(bytes + bytes + [1, 2]).last)
        #expect(read.sequence == 9)
        #expect(read.attributes(after: ifinfomsg.self).text(IFLA_IFNAME) == "bv1")
    }

    @Test("the kernel's explanation is found behind its echo of our message")
    func verdict() throws {
        var error: [UInt8] = [0xef, 0xff, 0xff, 0xff]  // -17, EEXIST
        error += RouteRequest.delete(link: "x").encoded(sequence: 1).prefix(16)
        var text = AttributeWriter()
        text.attribute(NLMSGERR_ATTR_MSG, "because")
        let message = NetlinkMessage(
            type: UInt16(NLMSG_ERROR),
            flags: 0x100 | 0x200,
            sequence: 1,
            payload: (error + text.bytes)[...]
        )
        let verdict = try #require(NetlinkVerdict(message))
        #expect(verdict.errno == EEXIST)
        #expect(verdict.explanation == "because")
    }

    @Test("a rule is a list of named expressions, numbers in network order")
    func rule() {
        // oifname @bridges drop
        var list = AttributeWriter()
        for expression in [Expression].output(in: "bridges") + .drop {
            expression.encode(into: &list)
        }
        let expected: [UInt8] =
            [36, 0, 1, 0x80] + [9, 0, 1, 0] + Array("meta".utf8) + [0, 0, 0, 0]
            + [20, 0, 2, 0x80] + [8, 0, 1, 0, 0, 0, 0, 8] + [8, 0, 2, 0, 0, 0, 0, 7]
            + [48, 0, 1, 0x80] + [11, 0, 1, 0] + Array("lookup".utf8) + [0, 0]
            + [32, 0, 2, 0x80] + [12, 0, 1, 0] + Array("bridges".utf8) + [0]
            + [8, 0, 2, 0, 0, 0, 0, 8] + [8, 0, 5, 0, 0, 0, 0, 0]
            + [48, 0, 1, 0x80] + [14, 0, 1, 0] + Array("immediate".utf8) + [0, 0, 0]
            + [28, 0, 2, 0x80] + [8, 0, 1, 0, 0, 0, 0, 0] + [16, 0, 2, 0x80] + [12, 0, 2, 0x80]
            + [8, 0, 1, 0, 0, 0, 0, 0]
        #expect(list.bytes == expected)
    }

    @Test("a rule's comment changes with what it does")
    func comment() {
        let drop = Rule("walls", .output(in: "bridges"), .drop)
        let accept = Rule("walls", .output(in: "bridges"), .accept)
        #expect(drop.comment.hasPrefix("walls ["))
        #expect(drop.comment != accept.comment)
        // nft(8) shows at most 128 bytes of a comment.
        for chain in HostTable.table.chains {
            for rule in chain.rules { #expect(rule.comment.utf8.count < 128) }
        }
    }

    @Test(
        "a published port is one element, of one of two maps",
        arguments: [
            ("0.0.0.0", "published-anywhere", [6, 0, 0, 0, 0x1f, 0x90, 0, 0]),
            ("127.0.0.1", "published", [127, 0, 0, 1, 6, 0, 0, 0, 0x1f, 0x90, 0, 0]),
        ] as [(String, String, [UInt8])]
    )
    func element(host: String, set: String, key: [UInt8]) throws {
        let port = PublishedPort(
            containerID: "c",
            hostAddress: .v4(try address(host)),
            hostPort: 8080,
            transport: .tcp,
            containerAddress: .v4(try address("172.18.0.2")),
            containerPort: 80
        )
        let element = HostTable.element(of: port, in: "0a1b2c3d")
        #expect(element.set == set)
        #expect(element.key == key)
        #expect(element.value == [172, 18, 0, 2, 0, 80, 0, 0])
    }
}

@Suite("the kernel's table of sockets")
struct SocketTableTests {
    private let table = Array(
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
           1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0
           2: 020012AC:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0
        """.utf8
    )

    @Test(
        "finds who listens at a port, on that address or on all",
        arguments: [
            ("0.0.0.0", 8080, ["111"]), ("127.0.0.1", 8080, ["111"]), ("192.0.2.1", 8080, []),
            ("192.0.2.1", 80, ["222"]), (nil, 8080, ["111"]), ("0.0.0.0", 81, []),
        ] as [(String?, UInt16, [String])]
    )
    func find(text: String?, port: UInt16, inodes: [String]) {
        let found = SocketTable.inodes(
            in: table,
            address: text.flatMap { IPAddress($0) },
            port: port,
            listening: true
        )
        #expect(found == inodes)
    }
}
