import Linux
import Testing

@Suite("IdentifierShift")
struct IdentifierShiftTests {
    private let shift = IdentifierShift(user: 0x7000_0000, group: 0x7001_0000)

    @Test("nothing changes where the users are the host's")
    func none() throws {
        let none = IdentifierShift()
        #expect(none.inside(user: 70000, group: 5) == (70000, 5))
        #expect(try none.outside(user: 70000, group: 5) == (70000, 5))
        #expect(none.outside("security.capability", [1, 2]) == [1, 2])
    }

    @Test("what is not the container's own is nobody's inside, and cannot be given outside")
    func edges() throws {
        #expect(shift.inside(user: 0x7000_0000, group: 0x7001_ffff) == (0, 65535))
        #expect(shift.inside(user: 0x7001_0000, group: 0x7000_ffff) == (65534, 65534))
        #expect(shift.inside(user: 0, group: 0) == (65534, 65534))
        #expect(try shift.outside(user: 65535, group: 1) == (0x7000_ffff, 0x7001_0001))
        #expect(throws: SyscallError.self) { try shift.outside(user: 65536, group: 0) }
        #expect(throws: SyscallError.self) { try shift.outside(user: 0, group: 70000) }
    }

    @Test("a program's capabilities are the container's root's outside")
    func capabilities() {
        let name = "security.capability"
        let plain: [UInt8] = [1, 0, 0, 2] + [UInt8](repeating: 7, count: 16)
        let owned: [UInt8] = [1, 0, 0, 3] + [UInt8](repeating: 7, count: 16) + [0, 0, 0, 0x70]
        #expect(shift.outside(name, plain) == owned)
        #expect(shift.inside(name, owned) == plain)
        // The host's root's, and another container's.
        #expect(shift.inside(name, plain) == nil)
        #expect(shift.inside(name, Array(owned.dropLast()) + [0x71]) == nil)
    }

    @Test("users and groups of access control lists are shifted, all else is as it was")
    func accessLists() {
        let name = "system.posix_acl_access"
        let list: [UInt8] = [
            2, 0, 0, 0,
            1, 0, 6, 0, 255, 255, 255, 255,  // the owner
            2, 0, 4, 0, 5, 0, 0, 0,  // user 5
            8, 0, 4, 0, 6, 0, 0, 0,  // group 6
            32, 0, 0, 0, 255, 255, 255, 255,  // others
        ]
        var outside = list
        outside[19] = 0x70
        outside[26] = 1
        outside[27] = 0x70
        #expect(shift.outside(name, list) == outside)
        #expect(shift.inside(name, outside) == list)
        var far = list
        far[18] = 1
        #expect(shift.outside(name, far) == nil)
        // Cut short: nothing is read past the end.
        #expect(shift.outside(name, [2, 0, 0]) == [2, 0, 0])
        #expect(shift.outside("user.note", [9]) == [9])
    }
}
