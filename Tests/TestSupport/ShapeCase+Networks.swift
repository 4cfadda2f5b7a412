/// Networks, ports and what stands at the top of a file.
extension ShapeCase {
    static let networks: [ShapeCase] = [
        web("dns", "", "dns: 9.9.9.9"),
        web("dns_opt", "", "dns_opt: [use-vc]"),
        web("dns_search", "", "dns_search: example.com"),
        web("links", "links: [db]", "links: ['db:store']"),
        web("external_links", "", "external_links: ['other-1:store']"),
        web("extra_hosts", "", "extra_hosts: ['box:10.0.0.1']"),
        web("network_mode", "network_mode: none", "network_mode: 'service:db'"),
        web("expose", "", "expose: ['80']"),
        web("ports[].target", port("target: 80"), port("target: 81")),
        web(
            "ports[].published",
            port("target: 80, published: '8080'"),
            port("target: 80, published: '8081'")
        ),
        web("ports[].host_ip", port("target: 80"), port("target: 80, host_ip: 127.0.0.1")),
        web("ports[].protocol", port("target: 80"), port("target: 80, protocol: udp")),
        web("networks.*.aliases", network(""), network("aliases: [x]")),
        web(
            "networks.*.ipv4_address",
            network("ipv4_address: 10.1.0.7"),
            network("ipv4_address: 10.1.0.8")
        ),
        web(
            "networks.*.gw_priority",
            network(""),
            "networks: {default: {}, other: {gw_priority: 1}}"
        ),
        web("mac_address", "mac_address: 02:00:00:00:00:01", "mac_address: 02:00:00:00:00:02"),
        web(
            "networks.*.mac_address",
            network("mac_address: 02:00:00:00:00:01"),
            network("mac_address: 02:00:00:00:00:02")
        ),
        web(
            "networks.*.ipv6_address",
            network(""),
            network("ipv6_address: 'fd00:1::9'")
        ),
        web("networks.*.interface_name", network(""), network("interface_name: lan")),
        web("networks.*.link_local_ips", network(""), network("link_local_ips: [169.254.3.4]")),
        web(
            "networks.*.driver_opts",
            network(""),
            network("driver_opts: {com.docker.network.endpoint.ifname: lan}")
        ),
        web("networks.*.priority", network(""), "networks: {default: {}, other: {priority: 1}}"),
    ]

    private static func port(_ parts: String) -> String { "ports: [{\(parts)}]" }

    private static func network(_ parts: String) -> String {
        "networks: {default: {\(parts)}, other: {}}"
    }

    static let topLevel: [ShapeCase] = [
        top("name", resources("", "") + "\nname: a", resources("", "") + "\nname: b"),
        top("networks.*.name", resources("", ""), resources("name: other", "")),
        top(
            "networks.*.external",
            resources("name: other", ""),
            resources("name: other, external: true", "")
        ),
        top(
            "networks.*.driver",
            resources("", ""),
            resources("driver: macvlan, driver_opts: {parent: eth0}", "")
        ),
        top("networks.*.internal", resources("", ""), resources("internal: true", "")),
        top("networks.*.attachable", resources("", ""), resources("attachable: true", "")),
        top("networks.*.enable_ipv6", resources("", ""), resources("enable_ipv6: true", "")),
        top(
            "networks.*.enable_ipv4",
            resources("enable_ipv6: true", ""),
            resources("enable_ipv6: true, enable_ipv4: false", "")
        ),
        top("networks.*.labels", resources("", ""), resources("labels: {a: b}", "")),
        top("networks.*.ipam.config[].subnet", pool("10.1.0.0/24", ""), pool("10.2.0.0/24", "")),
        top(
            "networks.*.ipam.config[].gateway",
            pool("10.1.0.0/24", ""),
            pool("10.1.0.0/24", ", gateway: 10.1.0.9")
        ),
        top(
            "networks.*.ipam.config[].ip_range",
            pool("10.1.0.0/24", ""),
            pool("10.1.0.0/24", ", ip_range: 10.1.0.128/25")
        ),
        top(
            "networks.*.ipam.config[].aux_addresses",
            pool("10.1.0.0/24", ""),
            pool("10.1.0.0/24", ", aux_addresses: {router: 10.1.0.9}")
        ),
        top(
            "networks.*.driver_opts",
            resources("", ""),
            resources("driver_opts: {com.docker.network.driver.mtu: 1400}", "")
        ),
        top("volumes.*.name", resources("", ""), resources("", "name: other")),
        top(
            "volumes.*.external",
            resources("", "name: other"),
            resources("", "name: other, external: true")
        ),
        top(
            "volumes.*.driver_opts",
            resources("", "driver_opts: {type: tmpfs, device: tmpfs}"),
            resources("", "driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}")
        ),
        top("volumes.*.labels", resources("", ""), resources("", "labels: {a: b}")),
        top("include[].path", resources("", ""), included("path: part.yaml")),
        top(
            "include[].env_file",
            included("path: part.yaml"),
            included("path: part.yaml, env_file: part.env")
        ),
        top(
            "include[].project_directory",
            included("path: part.yaml"),
            included("path: part.yaml, project_directory: ./sub")
        ),
    ]

    private static func resources(_ network: String, _ volume: String) -> String {
        "networks: {net: {\(network)}}\nvolumes: {data: {\(volume)}}"
    }

    private static func pool(_ subnet: String, _ rest: String) -> String {
        resources("ipam: {config: [{subnet: \(subnet)\(rest)}]}", "")
    }

    private static func included(_ parts: String) -> String {
        resources("", "") + "\ninclude: [{\(parts)}]"
    }
}
