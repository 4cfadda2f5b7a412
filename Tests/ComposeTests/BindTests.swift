import Compose
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// A whole file becomes a `Project`: every field of the model once.
@Suite("Bind")
struct BindTests {
    @Test("every supported attribute arrives")
    func everything() throws {
        let loaded = try load(
            """
            name: shop
            services:
              web:
                image: nginx
                build:
                  context: ./web
                  dockerfile: Web.dockerfile
                  args: {A: 1, B: , C: }
                  target: run
                  additional_contexts: {tools: ../tools, base: "service:db", img: "docker-image://x"}
                  tags: [t]
                  labels: {l: v}
                command: sh -c 'echo hi'
                entrypoint: []
                environment: {A: 1, B: , HOSTED: }
                working_dir: /w
                user: "1:2"
                hostname: h
                container_name: cn
                init: true
                tty: true
                stdin_open: true
                read_only: true
                cap_add: [NET_ADMIN]
                cap_drop: [ALL]
                ports: ["127.0.0.1:8080-8081:80-81", "53/udp", "0:90"]
                volumes: ["data:/d:ro,nocopy", "./b:/b:rslave", "/anon", {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}]
                tmpfs: /run:size=1m
                networks: {front: {aliases: [w]}}
                depends_on: {db: {condition: service_healthy, restart: true, required: false}}
                healthcheck: {test: [CMD, check], interval: 1m30s, timeout: 1s, start_period: 2s, start_interval: 3s, retries: 4}
                restart: on-failure:3
                stop_signal: SIGUSR1
                stop_grace_period: 1.5s
                pull_policy: if_not_present
                labels: [a=b, c]
                expose: [80, "90/udp"]
                logging: {driver: json-file, options: {max-size: 1k, max-file: 3}}
              db: {image: db, build: {dockerfile_inline: FROM x}, scale: 2, healthcheck: {disable: true}}
              job: {image: j, profiles: [jobs], healthcheck: {test: curl x}}
            networks:
              front: {internal: true, labels: [n=1], ipam: {config: [{subnet: 172.28.0.0/16, gateway: 172.28.0.1, ip_range: 172.28.1.0/24}]}}
            volumes: {data: {name: own, labels: {v: 1}}}
            """,
            options: .test(.run, environment: ["HOSTED": "yes", "B": "", "HOME": "/home/me"])
        )
        try Golden("project.json").compare(Self.json(of: loaded.project))
        #expect(loaded.warnings.isEmpty)
    }

    private static func json(of project: Project) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(project), as: UTF8.self) + "\n"
    }

    @Test("what the engine does not carry out arrives, too")
    func rest() throws {
        try Golden("unsupported.json").compare(Self.json(of: try load(Self.unsupported).project))
    }

    private static let unsupported = """
        name: shop
        services:
          web:
            image: nginx
            tty: true
            stdin_open: true
            attach: false
            domainname: d
            group_add: [7, audio]
            privileged: true
            security_opt: [no-new-privileges, "label:disable", "seccomp=unconfined"]
            userns_mode: host
            pid: host
            ipc: shareable
            uts: host
            cgroup: host
            cgroup_parent: /c
            runtime: runsc
            platform: linux/arm64
            pull_policy: every_1d12h
            pull_refresh_after: 2h
            isolation: process
            credential_spec: {file: f.json}
            use_api_socket: true
            annotations: {a: b}
            devices: ["/dev/a:/dev/b:r", "vendor.com/class=name"]
            device_cgroup_rules: ["c 1:3 mr", "a *:* rwm"]
            gpus: all
            ulimits: {nofile: 10, nproc: {soft: 1, hard: 2}}
            sysctls: {net.core.somaxconn: 1024}
            mem_limit: 64m
            mem_reservation: 32m
            memswap_limit: -1
            mem_swappiness: 10
            shm_size: 1g
            oom_kill_disable: true
            oom_score_adj: -5
            cpus: 1.5
            cpu_shares: 10
            cpu_period: 20
            cpu_quota: 30
            cpu_rt_period: 40
            cpu_rt_runtime: 50
            cpuset: 0-3,7
            cpu_count: 2
            cpu_percent: 12.5
            pids_limit: 5
            storage_opt: {size: 1G}
            blkio_config:
              weight: 300
              weight_device: [{path: /dev/sda, weight: 400}]
              device_read_bps: [{path: /dev/sdb, rate: 12mb}]
              device_write_iops: [{path: /dev/sdb, rate: 30}]
            mac_address: 02:42:ac:11:00:02
            networks:
              n:
                ipv4_address: 172.28.0.10
                ipv6_address: "fd00:28::10"
                link_local_ips: [169.254.1.2]
                mac_address: 02-42-ac-11-00-03
                interface_name: eth9
                driver_opts: {o: 1}
                gw_priority: 1
                priority: 2
            dns: [1.1.1.1, "2606:4700::1111"]
            dns_search: [a.example]
            dns_opt: ["ndots:1"]
            extra_hosts: ["a=1.2.3.4", "gate:host-gateway"]
            links: ["db:database"]
            external_links: [other]
            ports:
              - {target: 80, published: 8000-8002, host_ip: "::1", protocol: sctp, name: n, app_protocol: http}
            volumes:
              - {type: bind, source: /a, target: /b, bind: {recursive: readonly, selinux: Z}, consistency: cached}
              - {type: volume, target: /v, volume: {subpath: s, labels: {l: v}}}
              - {type: image, source: busybox, target: /i, image: {subpath: bin}}
            volumes_from: ["db:ro", "container:other"]
            configs: [c, {source: c, target: /t, uid: "1", gid: "2", mode: 0440}]
            secrets: [s]
            logging: {driver: syslog, options: {tag: t}}
            post_start: [{command: a b, user: u, privileged: true, working_dir: /w, environment: {A: 1}}]
            pre_stop: [{command: [c]}]
            pre_start: [{command: d, image: i, per_replica: true}]
            develop: {watch: [{path: ./src, action: sync+exec, target: /s, exec: {command: e}, ignore: [x], include: [y], initial_sync: true}]}
            models: {m: {endpoint_var: E, model_var: M}}
            deploy:
              mode: replicated
              replicas: 1
              endpoint_mode: vip
              labels: {d: e}
              resources:
                limits: {cpus: 1.5, memory: 64m, pids: 5}
                reservations: {cpus: 1, memory: 32m, devices: [{capabilities: [gpu], driver: d, device_ids: [a]}], generic_resources: [{discrete_resource_spec: {kind: k, value: 2}}]}
              restart_policy: {condition: on-failure, delay: 1s, max_attempts: 3, window: 2s}
              update_config: {parallelism: 2, delay: 3s, failure_action: pause, monitor: 4s, max_failure_ratio: 0.5, order: start-first}
              rollback_config: {parallelism: 1, order: stop-first}
              placement: {constraints: [a==b], preferences: [{spread: node}], max_replicas_per_node: 3}
            build:
              context: .
              ssh: [default]
              secrets: [s]
              network: host
              extra_hosts: ["a=1.2.3.4"]
              shm_size: 1m
              ulimits: {core: 0}
              privileged: true
              entitlements: [security.insecure]
              isolation: process
              no_cache: true
              no_cache_filter: [stage]
              cache_from: [x]
              cache_to: [y]
              pull: true
              provenance: true
              sbom: false
              platforms: [linux/arm64]
          db: {image: db, network_mode: host, provider: {type: p, options: {o: [a, b]}}}
        networks:
          n:
            driver: overlay
            driver_opts: {o: 1}
            attachable: true
            enable_ipv4: false
            enable_ipv6: true
            ipam: {driver: d, options: {p: q}, config: [{subnet: 172.28.0.0/16, aux_addresses: {router: 172.28.0.9}}, {gateway: "fd00::1"}]}
        configs: {c: {content: text, template_driver: golang}}
        secrets: {s: {environment: HOME, labels: {a: b}}}
        models: {m: {model: ai/m, context_size: 1024, runtime_flags: [--a]}}
        """

    @Test(
        "a value that nothing can be made of is refused where it stands, and shown by config",
        arguments: [
            ("mac_address: 02:42", "mac_address: \"02:42\" is not a MAC address"),
            ("dns: [a.example]", "dns[0]: \"a.example\" is not an IP address"),
            ("extra_hosts: [\"a=b\"]", "extra_hosts[0]: \"b\" is not an IP address"),
            ("cpuset: 3-1", "cpuset: \"3-1\" is not a list of processors"),
            ("cpuset: a", "cpuset: \"a\" is not a list of processors"),
            ("pid: self", "pid: unknown pid mode \"self\""),
            ("ipc: hots", "ipc: unknown ipc mode \"hots\"; did you mean \"host\"?"),
            ("uts: shareable", "uts: unknown uts mode \"shareable\""),
            ("security_opt: [seccomp]", "security_opt[0]: \"seccomp\" is not a security option"),
            ("security_opt: [foo=bar]", "security_opt[0]: \"foo=bar\" is not a security option"),
            (
                "security_opt: [\"no-new-privileges=maybe\"]",
                "security_opt[0]: \"no-new-privileges=maybe\" is not a security option"
            ),
            ("security_opt: [systempaths=x]", "security_opt[0]: \"systempaths=x\" is not a"),
            ("devices: [\"/dev/a:/b:rx\"]", "devices[0].permissions: \"rx\" is not a device"),
            ("device_cgroup_rules: [c 1 r]", "device_cgroup_rules[0]: \"c 1 r\" is not a rule"),
            ("ulimits: {nofiles: 1}", "ulimits.nofiles: unknown ulimit \"nofiles\"; did you mean"),
            ("ulimits: {core: {soft: 2, hard: 1}}", "ulimits.core: the soft limit is above"),
            ("ulimits: {core: {soft: -1, hard: 1}}", "ulimits.core: the soft limit is above"),
            ("volumes_from: [\"a:b\"]", "volumes_from[0]: \"a:b\" is not a service or container"),
            ("ports: [\"0-5:80\"]", "ports[0].published: cannot publish \"0-5\""),
            ("networks: {n: {ipv6_address: 1.2.3.4}}", "networks.n.ipv6_address: \"1.2.3.4\" is"),
            ("networks: {n: {link_local_ips: [a]}}", "networks.n.link_local_ips[0]: \"a\" is not"),
        ]
    )
    func wrong(attribute: String, words: String) {
        let text =
            "services:\n  a: {image: x}\n  web:\n    image: x\n    \(attribute)\nnetworks: {n: }\n"
        let found = problems(text, options: .test(.run))
        #expect(problems(text) == "")
        #expect(found.contains("compose.yaml:5:"), "\(found)")
        #expect(found.contains("services.web.\(words)"), "\(found)")
    }

    @Test("without interpolation nothing is said of a text with a variable in it")
    func open() throws {
        var options = LoadOptions.test()
        options.without = [.interpolate]
        let text = "services: {web: {image: x, mac_address: $MAC, dns: [\"$DNS\"], cpuset: \"$C\"}}"
        _ = try load(text, options: options)
    }

    @Test("labels of a file are beneath those of the service")
    func labelFile() throws {
        let loaded = try load(
            "services: {web: {image: x, label_file: [a.env, b.env], labels: {own: o}}}",
            files: ["a.env": "own=a\none=1\ntwo=1\n", "b.env": "two=2\n"],
            options: .test(.run)
        )
        #expect(loaded.project.services["web"]?.labels == ["one": "1", "own": "o", "two": "2"])
    }
}
