/// Types of ICMPv6 that say who is where on a link: RFC 4861, 4.
enum NeighbourDiscovery: UInt8 {
    case routerAdvertisement = 134
    case solicitation = 135
    case advertisement = 136
    case redirect = 137
}
