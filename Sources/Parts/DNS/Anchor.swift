enum DNSAnchor {}
