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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(loaded.project), as: UTF8.self)
        try Golden("project.json").compare(json + "\n")
        #expect(loaded.warnings.isEmpty)
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
