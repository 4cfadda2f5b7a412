import TestSupport
import Testing

@testable import Compose

@Suite("Refused values")
struct RefusedValueTests {
    @Test(
        "values that nothing could be made of are refused where they stand, and only to run",
        arguments: [
            ("volumes: [\"/srv:/\"]", "volumes[0]: nothing can be mounted at \"/\""),
            ("volumes: [\"/srv:/proc\"]", "volumes[0]: nothing can be mounted at \"/proc\""),
            (
                "volumes: [\"vv:/proc/sys/x\"]",
                "volumes[0]: nothing can be mounted at \"/proc/sys/x\""
            ),
            ("volumes: [\"vv:/process\"]", nil),
            ("user: \"-1\"", "user: -1 is not the number of a user or group"),
            ("user: \"0:-7\"", "user: -7 is not the number of a user or group"),
            ("user: \"2147483648\"", "user: 2147483648 is not the number of a user or group"),
            ("user: \"2147483647:x-1\"", nil),
            (
                "healthcheck: {test: [CMD, x], interval: 1ns}",
                "healthcheck.interval: cannot be less"
            ),
            (
                "healthcheck: {test: [CMD, x], timeout: 999us}",
                "healthcheck.timeout: cannot be less"
            ),
            ("healthcheck: {test: [CMD, x], interval: 1ms, timeout: 0s}", nil),
            ("stop_grace_period: 1ns", nil),
            ("tmpfs: \"/t:uid=1000,gid=50,exec,size=50%,nr_inodes=10k,noatime\"", nil),
            ("tmpfs: \"/t:huge=always\"", "tmpfs[0]: not supported yet: \"huge=always\""),
            ("mac_address: 01:00:5e:00:00:01", "mac_address: 01:00:5e:00:00:01 is not the address"),
            ("mac_address: 02:00:5e:00:00:01", nil),
            (
                "networks: {default: {interface_name: a/b}}",
                "networks.default.interface_name: \"a/b\" cannot be the name"
            ),
            (
                "networks: {default: {interface_name: lan}, nn: {interface_name: lan}}",
                "networks.nn.interface_name: \"lan\" is the name of another"
            ),
            (
                "networks: {default: {link_local_ips: [10.0.0.1]}}",
                "networks.default.link_local_ips[0]: 10.0.0.1 is not an address of 169.254.0.0/16 or"
            ),
            (
                "networks: {default: {driver_opts: {a.b: c}}}",
                "networks.default.driver_opts.a.b: not supported yet"
            ),
            (
                "volumes: [{type: volume, source: vv, target: /v, volume: {subpath: ../x}}]",
                "volumes[0].volume.subpath: \"../x\" is not a path beneath a volume"
            ),
            (
                "volumes: [{type: image, source: vv, target: /v, image: {subpath: /x}}]",
                "volumes[0].image.subpath: \"/x\" is not a path beneath an image"
            ),
            (
                "volumes: [{type: bind, source: /a, target: /v, bind: {recursive: writable}}]",
                "volumes[0].bind.recursive: \"writable\" is of a mount that is read-only"
            ),
            ("domainname: \"a b\"", "domainname: \"a b\" is not a host name"),
            ("extra_hosts: [\"a b=1.2.3.4\"]", "extra_hosts[0]: \"a b\" is not the name"),
            ("dns_search: [\"a b\"]", "dns_search[0]: \"a b\" is not the name of a domain"),
            ("dns_opt: [\"a\\nb\"]", "dns_opt[0]: "),
            ("configs: [{source: cc, uid: root}]", "configs[0].uid: \"root\" is not the number"),
            ("secrets: [{source: ss, gid: \"-1\"}]", "secrets[0].gid: \"-1\" is not the number"),
            ("configs: [{source: cc, target: /proc/x}]", "configs[0]: nothing can be mounted"),
            ("container_name: localhost.", "container_name: \"localhost.\" cannot be"),
        ] as [(String, String?)]
    )
    func services(attribute: String, message: String?) throws {
        let text =
            "services:\n  web:\n    image: x\n    \(attribute)\n"
            + "volumes: {vv: {}}\nconfigs: {cc: {content: c}}\nsecrets: {ss: {environment: S}}\n"
            + "networks: {nn: {}}\n"
        let found = problems(text, options: .test(.run))
        if let message {
            #expect(found.hasPrefix("compose.yaml:4:"), "\(found)")
            #expect(found.contains(": services.web.\(message)"), "\(found)")
        } else {
            #expect(found == "")
        }
        _ = try load(text)
    }

    @Test(
        "names that no network or volume can have are refused where they stand",
        arguments: ["networks", "volumes"],
        ["..", "a/b", "a", "-ab", String(repeating: "n", count: 256)]
    )
    func names(section: String, name: String) {
        let text = """
            services: {web: {image: x, networks: [xx], volumes: ["xx:/x"]}}
            networks: {xx: {}}
            volumes: {xx: {}}

            """
        let named = text.replacing(
            "\(section): {xx: {}}",
            with: "\(section): {xx: {name: \"\(name)\"}}"
        )
        let found = problems(named, options: .test(.run))
        #expect(found.contains(": \(section).xx.name: \"\(name)\" cannot be a name"), "\(found)")
        #expect(problems(text, options: .test(.run)) == "")
    }

    @Test(
        "configs and secrets of a cluster are refused where they stand, with the reason",
        arguments: [
            (
                "secrets: {s: {external: true, name: key}}",
                "secrets.s.external: unsupported external secret \"key\""
            ),
            (
                "secrets: {s: {driver: vault}}",
                "secrets.s.driver: cannot be carried out: drivers of"
            ),
            (
                "secrets: {s: {file: ./s, template_driver: golang}}",
                "secrets.s.template_driver: cannot be carried out: drivers of"
            ),
        ]
    )
    func ofCluster(declaration: String, message: String) throws {
        let text = "services: {web: {image: x, secrets: [s]}}\n\(declaration)\n"
        let found = problems(text, options: .test(.run))
        #expect(found.contains("compose.yaml:2:") && found.contains(": \(message)"), "\(found)")
    }

    @Test("owner and mode of a file that is mounted as it is are noted to change nothing")
    func ownerOfFile() throws {
        let text = """
            services: {web: {image: x, configs: [{source: c, mode: 0400}]}}
            configs: {c: {file: ./c}}
            """
        let warnings = try load(text, options: .test(.run)).warnings
        #expect(
            warnings.map(\.message) == [
                "uid, gid and mode change nothing of a config that is a file of the host"
            ]
        )
    }

    @Test(
        "options that the drivers of networks and volumes do not have are refused where they stand",
        arguments: [
            (
                "networks: {default: {driver_opts: {com.docker.network.driver.mtu: 1}}}",
                "networks.default.driver_opts.com.docker.network.driver.mtu: \"1\" is not a number"
            ),
            (
                "networks: {default: {driver_opts: {parent: eth0}}}",
                "networks.default.driver_opts.parent: not supported yet"
            ),
            (
                "networks: {default: {driver: macvlan, driver_opts: {macvlan_mode: hub}}}",
                "networks.default.driver_opts.macvlan_mode: \"hub\" is not one of bridge, private"
            ),
            (
                "networks: {default: {driver: ipvlan, driver_opts: {macvlan_mode: bridge}}}",
                "networks.default.driver_opts.macvlan_mode: not supported yet"
            ),
            (
                "networks: {default: {driver: host}}",
                "networks.default.driver: only one instance of \"host\" network is allowed"
            ),
            (
                "networks: {default: {driver: none}}",
                "networks.default.driver: only one instance of \"null\" network is allowed"
            ),
            (
                "networks: {default: {ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: 10.2.0.0/24}]}}}",
                "networks.default.ipam.config[1]: a network has one subnet of a family"
            ),
            (
                "networks: {default: {enable_ipv6: true, ipam: {config: [{subnet: 'fd00:1::/64'}, {subnet: 'fd00:2::/64'}]}}}",
                "networks.default.ipam.config[1]: a network has one subnet of a family"
            ),
            (
                "networks: {default: {enable_ipv4: false}}",
                "networks.default.enable_ipv4: IPv4 or IPv6 must be enabled"
            ),
            (
                "networks: {default: {ipam: {options: {a: b}}}}",
                "networks.default.ipam.options: cannot be carried out: the default driver"
            ),
            (
                "networks: {default: {ipam: {config: [{subnet: 10.1.0.0/24, aux_addresses: {a: 10.2.0.1}}]}}}",
                "networks.default.ipam.config[0].aux_addresses.a: 10.2.0.1 is not the address"
            ),
            (
                "volumes: {vv: {driver_opts: {type: tmpfs}}}",
                "volumes.vv.driver_opts: missing required option: \"device\""
            ),
            (
                "volumes: {vv: {driver_opts: {type: none, device: /a, size: 1g}}}",
                "volumes.vv.driver_opts.size: quota size requested but no quota support"
            ),
            (
                "volumes: {vv: {driver_opts: {type: nfs, device: server}}}",
                "volumes.vv.driver_opts.device: \"server\" is no folder of a server"
            ),
            (
                "volumes: {vv: {driver_opts: {type: nfs4, device: ':/x', o: 'rw'}}}",
                "volumes.vv.driver_opts.device: the server is missing"
            ),
            (
                "volumes: {vv: {driver_opts: {type: cifs, device: server/x, o: 'addr=a'}}}",
                "volumes.vv.driver_opts.device: \"server/x\" is no share of a server"
            ),
            (
                "volumes: {vv: {driver_opts: {type: overlay, device: overlay, o: 'upperdir=/a'}}}",
                "volumes.vv.driver_opts.o: an overlay has a lower folder"
            ),
            (
                "volumes: {vv: {driver_opts: {type: none, device: a, o: 'ro,bind'}}}",
                "volumes.vv.driver_opts.device: \"a\" is not an absolute path"
            ),
        ]
    )
    func driverOptions(declaration: String, message: String) {
        let text = "services: {web: {image: x, volumes: ['vv:/v']}}\n\(declaration)\n"
        let whole = text.contains("vv: {driver") ? text : text + "volumes: {vv: {}}\n"
        let found = problems(whole, options: .test(.run))
        #expect(found.hasPrefix("compose.yaml:2:") && found.contains(": \(message)"), "\(found)")
    }
}
