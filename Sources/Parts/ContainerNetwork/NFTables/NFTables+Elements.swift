import CLinux
import Glibc

/// Sets and their elements.
extension NFTables {
    static func newSet(_ set: SetDefinition, id: UInt32, table: Table) -> NetlinkRequest {
        let action = "set up set \(set.name) of firewall table \(table.name)"
        return request(NFT_MSG_NEWSET, flags: create, family: table.family, action: action) {
            $0.attribute(NFTA_SET_TABLE, table.name)
            $0.attribute(NFTA_SET_NAME, set.name)
            $0.attribute(NFTA_SET_FLAGS, big: set.value.isEmpty ? 0 : NFT_SET_MAP.rawValue)
            $0.attribute(NFTA_SET_KEY_TYPE, big: SetDefinition.typeNumber(set.key))
            $0.attribute(NFTA_SET_KEY_LEN, big: SetDefinition.byteCount(set.key))
            if !set.value.isEmpty {
                $0.attribute(NFTA_SET_DATA_TYPE, big: SetDefinition.typeNumber(set.value))
                $0.attribute(NFTA_SET_DATA_LEN, big: SetDefinition.byteCount(set.value))
            }
            $0.attribute(NFTA_SET_ID, big: id)
            // For nft(8): the byte order of a key, 1 is the machine's, 2 the network's, 0 mixed.
            let order: UInt32 =
                set.key.count > 1 ? 0 : set.key == [.interfaceName] ? 1 : 2
            let userdata: [UInt8] = [0, 4] + withUnsafeBytes(of: order) { [UInt8]($0) }
            $0.attribute(NFTA_SET_USERDATA, userdata)
        }
    }

    /// Adds elements; those that are there with the same value stay. Another value is `EBUSY`.
    static func add(
        _ elements: [SetElement],
        table: String,
        family: UInt8 = family,
        action: String
    ) -> [NetlinkRequest] {
        messages(elements, NFT_MSG_NEWSETELEM, create, family, table: table, action: action) {
            element,
            attributes in
            attributes.key(element.key)
            if !element.value.isEmpty {
                attributes.nested(NFTA_SET_ELEM_DATA) {
                    $0.attribute(NFTA_DATA_VALUE, element.value)
                }
            }
            if let owner = element.owner {
                attributes.attribute(NFTA_SET_ELEM_USERDATA, comment(owner.description))
            }
        }
    }

    /// Removes elements by key; one that is not there is `ENOENT`.
    static func delete(
        _ elements: [SetElement],
        table: String,
        action: String
    ) -> [NetlinkRequest] {
        messages(elements, NFT_MSG_DELSETELEM, 0, family, table: table, action: action) {
            element,
            attributes in attributes.key(element.key)
        }
    }

    static func listElements(
        of set: String,
        table: String,
        family: UInt8 = family
    ) -> NetlinkRequest {
        request(
            NFT_MSG_GETSETELEM,
            family: family,
            action: "list set \(set) of firewall table \(table)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
            $0.attribute(NFTA_SET_ELEM_LIST_SET, set)
        }
    }

    /// Asks for one element by its key.
    static func get(_ element: SetElement, table: String) -> NetlinkRequest {
        request(
            NFT_MSG_GETSETELEM,
            action: "look up an element of set \(element.set)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
            $0.attribute(NFTA_SET_ELEM_LIST_SET, element.set)
            $0.nested(NFTA_SET_ELEM_LIST_ELEMENTS) {
                $0.nested(NFTA_LIST_ELEM) { $0.key(element.key) }
            }
        }
    }

    /// One message per set and per hundred elements: a list must fit into 64 KiB.
    private static func messages(
        _ elements: [SetElement],
        _ type: nf_tables_msg_types,
        _ flags: UInt16,
        _ family: UInt8,
        table: String,
        action: String,
        _ encode: (SetElement, inout AttributeWriter) -> Void
    ) -> [NetlinkRequest] {
        var requests: [NetlinkRequest] = []
        for (set, members) in Dictionary(grouping: elements, by: \.set).sorted(by: {
            $0.key < $1.key
        }) {
            for start in stride(from: 0, to: members.count, by: 100) {
                let part = members[start..<min(start + 100, members.count)]
                requests.append(
                    request(type, flags: flags, family: family, action: action) {
                        $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
                        $0.attribute(NFTA_SET_ELEM_LIST_SET, set)
                        $0.nested(NFTA_SET_ELEM_LIST_ELEMENTS) { list in
                            for element in part {
                                list.nested(NFTA_LIST_ELEM) { encode(element, &$0) }
                            }
                        }
                    }
                )
            }
        }
        return requests
    }
}

extension AttributeWriter {
    /// An element's key.
    fileprivate mutating func key(_ key: [UInt8]) {
        nested(NFTA_SET_ELEM_KEY) { $0.attribute(NFTA_DATA_VALUE, key) }
    }
}
