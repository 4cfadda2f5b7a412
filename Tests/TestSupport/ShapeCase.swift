import Testing

/// An attribute of the compose file, and two files that differ in it alone.
package struct ShapeCase: Sendable, CustomTestStringConvertible {
    /// As the table of attributes names it.
    package var attribute: String
    package var before: String
    package var after: String

    package var testDescription: String { attribute }

    /// Two files of which the second has these lines below service `web`.
    static func web(_ attribute: String, _ before: String, _ after: String) -> ShapeCase {
        ShapeCase(
            attribute: "services.*.\(attribute)",
            before: file(before),
            after: file(after)
        )
    }

    /// Two files with these lines at the top level; `web` is on network `net` and mounts `data`.
    static func top(_ attribute: String, _ before: String, _ after: String) -> ShapeCase {
        let web = "{image: app, networks: [net], volumes: ['data:/data']}"
        let services = "services: {web: \(web), db: {image: db}}"
        return ShapeCase(
            attribute: attribute,
            before: services + "\n" + before,
            after: services + "\n" + after
        )
    }

    /// Two containers that are updated in ways that differ in one part.
    private static func update(_ part: String, _ before: String, _ after: String) -> ShapeCase {
        func lines(_ value: String) -> String {
            "deploy: {replicas: 2, update_config: {\(part): \(value)}}"
        }
        return web("deploy.update_config.\(part)", lines(before), lines(after))
    }

    private static func file(_ lines: String) -> String {
        let hasImage = lines.hasPrefix("image:") || lines.hasPrefix("build:")
        let image = hasImage ? "" : "    image: app\n"
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        return """
            services:
              db: {image: db, healthcheck: {test: [CMD, check]}}
              web:
            \(image)\(indented)
            networks:
              default: {enable_ipv6: true, ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: "fd00:1::/64"}]}}
              other: {}
            volumes: {data: {}, more: {}}
            configs: {one: {content: '1'}, two: {content: '2'}}
            secrets: {one: {file: ./one}, two: {file: ./two}}
            """
    }

    /// Files that the examples read.
    package static let files = [
        "a.env": "A=1\n", "b.env": "A=2\n", "raw.env": "A=$$x\n", "labels": "l=1\n",
        "base.yaml": "services: {web: {image: base}, other: {image: other, user: o}}\n",
        "part.yaml": "services: {part: {image: \"part:${TAG:-1}\", volumes: ['./x:/x']}}\n",
        "part.env": "TAG=2\n",
        "/etc/cdi/a.yaml": "{kind: a.com/gpu, devices: [{name: '0'}, {name: '1'}]}",
        "/etc/cdi/b.yaml": "{kind: b.com/gpu, devices: [{name: '0'}, {name: '1'}]}",
    ]

    package static let all: [ShapeCase] = [
        process, limits, life, preStart, watch, provided, build, mounts, givenFiles, networks,
        topLevel,
    ].flatMap(\.self)
}

extension ShapeCase {
    private static let process: [ShapeCase] = [
        web("image", "image: app", "image: app:2"),
        web("command", "command: a", "command: b"),
        web("entrypoint", "entrypoint: a", "entrypoint: b"),
        web("environment", "environment: {A: 1}", "environment: {A: 2}"),
        web("env_file[].path", "env_file: [{path: a.env}]", "env_file: [{path: b.env}]"),
        web(
            "env_file[].required",
            "env_file: [{path: a.env}]",
            "env_file: [{path: gone.env, required: false}]"
        ),
        web(
            "env_file[].format",
            "env_file: [{path: raw.env}]",
            "env_file: [{path: raw.env, format: raw}]"
        ),
        web("working_dir", "working_dir: /a", "working_dir: /b"),
        web("user", "user: '1'", "user: '2'"),
        web("hostname", "hostname: a", "hostname: b"),
        web("domainname", "domainname: a", "domainname: b"),
        web("init", "init: false", "init: true"),
        web("pid", "", "pid: 'service:db'"),
        web("ipc", "", "ipc: shareable"),
        web("uts", "", "uts: host"),
        web("cgroup", "", "cgroup: host"),
        web("sysctls", "", "sysctls: {net.core.somaxconn: 10}"),
        web("read_only", "read_only: false", "read_only: true"),
        web("tty", "", "tty: true"),
        web("stdin_open", "", "stdin_open: true"),
        web("cap_add", "", "cap_add: [NET_ADMIN]"),
        web("cap_drop", "", "cap_drop: [CHOWN]"),
        web("labels", "labels: {a: b}", "labels: {a: c}"),
        web("label_file", "", "label_file: labels"),
        web("stop_signal", "stop_signal: SIGINT", "stop_signal: SIGQUIT"),
        web("stop_grace_period", "stop_grace_period: 1s", "stop_grace_period: 2s"),
        web("logging.driver", "", "logging: {driver: none}"),
        web("logging.options", "", "logging: {options: {max-size: 10m, max-file: '3'}}"),
        web(
            "logging.options",
            "logging: {driver: syslog}",
            "logging: {driver: syslog, options: {tag: a}}"
        ),
    ]

    private static let preStart: [ShapeCase] = [
        ("command", "command: b"), ("image", "command: a, image: other"),
        ("user", "command: a, user: u"), ("privileged", "command: a, privileged: true"),
        ("working_dir", "command: a, working_dir: /w"),
        ("environment", "command: a, environment: {A: 1}"),
        ("per_replica", "command: a, per_replica: true"),
    ].map { part, after in
        web("pre_start[].\(part)", "pre_start: [{command: a}]", "pre_start: [{\(after)}]")
    }

    private static let provided: [ShapeCase] = {
        func file(_ service: String, _ model: String = "{model: m}") -> String {
            "services:\n  web: {image: app, \(service)}\n  db: {image: db}\n"
                + "models: {llm: \(model)}\n"
        }
        func provider(_ text: String) -> String {
            "services:\n  web: {image: app}\n  db: {image: db}\n  p: {provider: {\(text)}}\n"
        }
        func shape(_ attribute: String, _ before: String, _ after: String) -> ShapeCase {
            ShapeCase(attribute: attribute, before: before, after: after)
        }
        let used = "models: [llm]"
        return [
            shape("services.*.provider.type", provider("type: a"), provider("type: b")),
            shape(
                "services.*.provider.options",
                provider("type: a, options: {x: 1}"),
                provider("type: a, options: {x: [1, 2]}")
            ),
            shape(
                "services.*.models.*.endpoint_var",
                file(used),
                file("models: {llm: {endpoint_var: E}}")
            ),
            shape(
                "services.*.models.*.model_var",
                file(used),
                file("models: {llm: {model_var: M}}")
            ),
            shape("models.*.model", file(used), file(used, "{model: other}")),
            shape("models.*.name", file(used), file(used, "{model: m, name: n}")),
            shape("models.*.context_size", file(used), file(used, "{model: m, context_size: 9}")),
            shape(
                "models.*.runtime_flags",
                file(used),
                file(used, "{model: m, runtime_flags: [f]}")
            ),
        ]
    }()

    private static let watch: [ShapeCase] = {
        func rule(_ attribute: String, _ before: String, _ after: String) -> ShapeCase {
            let rule = "path: /src, target: /x, action: sync+exec"
            func file(_ more: String, _ command: String = "command: a") -> String {
                attribute.hasPrefix("exec.")
                    ? "develop: {watch: [{\(rule), exec: {\(more.isEmpty ? command : more)}}]}"
                    : "develop: {watch: [{exec: {command: a}, \(more)}]}"
            }
            return web("develop.watch[].\(attribute)", file(before), file(after))
        }
        let base = "path: /src, target: /x, action: sync+exec"
        return [
            rule(
                "path",
                "path: /a, target: /x, action: sync",
                "path: /b, target: /x, action: sync"
            ),
            rule(
                "action",
                "path: /a, target: /x, action: sync",
                "path: /a, target: /x, action: restart"
            ),
            rule(
                "target",
                "path: /a, target: /x, action: sync",
                "path: /a, target: /y, action: sync"
            ),
            rule("include", "\(base), include: [a]", "\(base), include: [b]"),
            rule("ignore", "\(base), ignore: [a]", "\(base), ignore: [b]"),
            rule("initial_sync", base, "\(base), initial_sync: true"),
            rule("exec.command", "command: a", "command: b"),
            rule("exec.user", "", "command: a, user: u"),
            rule("exec.privileged", "", "command: a, privileged: true"),
            rule("exec.working_dir", "", "command: a, working_dir: /w"),
            rule("exec.environment", "", "command: a, environment: [A=1]"),
        ]
    }()

    private static let life: [ShapeCase] = [
        web("profiles", "", "profiles: [dev]"),
        web("container_name", "container_name: one", "container_name: two"),
        web("scale", "scale: 1", "scale: 2"),
        web("restart", "restart: always", "restart: on-failure:3"),
        web("platform", "platform: linux/amd64", "platform: linux/arm64"),
        web("pull_policy", "pull_policy: never", "pull_policy: always"),
        web(
            "pull_refresh_after",
            "pull_policy: refresh\npull_refresh_after: 24h",
            "pull_policy: refresh\npull_refresh_after: 48h"
        ),
        web("attach", "", "attach: false"),
        web("deploy.replicas", "", "deploy: {replicas: 2}"),
        update("parallelism", "1", "2"),
        update("delay", "1s", "2s"),
        update("failure_action", "pause", "rollback"),
        update("monitor", "1s", "2s"),
        update("order", "stop-first", "start-first"),
        web(
            "deploy.restart_policy.condition",
            "deploy: {restart_policy: {condition: on-failure}}",
            "deploy: {restart_policy: {condition: any}}"
        ),
        web(
            "deploy.restart_policy.max_attempts",
            "deploy: {restart_policy: {condition: on-failure}}",
            "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}"
        ),
        web(
            "extends.service",
            "extends: {service: web, file: base.yaml}",
            "extends: {service: other, file: base.yaml}"
        ),
        web(
            "extends.file",
            "extends: {service: web, file: base.yaml}",
            "extends: {service: db}"
        ),
        web(
            "depends_on.*.condition",
            "depends_on: {db: {condition: service_started}}",
            "depends_on: {db: {condition: service_healthy}}"
        ),
        web(
            "depends_on.*.restart",
            "depends_on: {db: {condition: service_started}}",
            "depends_on: {db: {condition: service_started, restart: true}}"
        ),
        web(
            "depends_on.*.required",
            "depends_on: {db: {condition: service_healthy}}",
            "depends_on: {db: {condition: service_healthy, required: false}}"
        ),
        web(
            "post_start[].command",
            hook("post_start", "command: a"),
            hook("post_start", "command: b")
        ),
        web(
            "post_start[].privileged",
            hook("post_start"),
            hook("post_start", "command: a, privileged: true")
        ),
        web(
            "pre_stop[].privileged",
            hook("pre_stop"),
            hook("pre_stop", "command: a, privileged: true")
        ),
        web("post_start[].user", hook("post_start"), hook("post_start", "command: a, user: u")),
        web(
            "post_start[].working_dir",
            hook("post_start"),
            hook("post_start", "command: a, working_dir: /d")
        ),
        web(
            "post_start[].environment",
            hook("post_start"),
            hook("post_start", "command: a, environment: {A: 1}")
        ),
        web("pre_stop[].command", hook("pre_stop"), hook("pre_stop", "command: b")),
        web("pre_stop[].user", hook("pre_stop"), hook("pre_stop", "command: a, user: u")),
        web(
            "pre_stop[].working_dir",
            hook("pre_stop"),
            hook("pre_stop", "command: a, working_dir: /d")
        ),
        web(
            "pre_stop[].environment",
            hook("pre_stop"),
            hook("pre_stop", "command: a, environment: [A]")
        ),
        web("healthcheck.test", check("test: [CMD, a]"), check("test: [CMD, b]")),
        web("healthcheck.interval", check("interval: 1s"), check("interval: 2s")),
        web("healthcheck.timeout", check("timeout: 1s"), check("timeout: 2s")),
        web("healthcheck.retries", check("retries: 1"), check("retries: 2")),
        web("healthcheck.start_period", check("start_period: 1s"), check("start_period: 2s")),
        web(
            "healthcheck.start_interval",
            check("start_period: 9s, start_interval: 1s"),
            check("start_period: 9s, start_interval: 2s")
        ),
        web(
            "x-berth.healthcheck.http",
            outside("http: http://localhost/a"),
            outside("http: http://localhost/b")
        ),
        web("x-berth.healthcheck.tcp", outside("tcp: 80"), outside("tcp: 81")),
        web("x-berth.healthcheck.log", outside("log: a"), outside("log: b")),
        web(
            "x-berth.healthcheck.interval",
            outside("tcp: 80, interval: 1s"),
            outside("tcp: 80, interval: 2s")
        ),
        web(
            "x-berth.healthcheck.timeout",
            outside("tcp: 80, timeout: 1s"),
            outside("tcp: 80, timeout: 2s")
        ),
        web(
            "x-berth.healthcheck.retries",
            outside("tcp: 80, retries: 1"),
            outside("tcp: 80, retries: 2")
        ),
        web(
            "x-berth.healthcheck.start_period",
            outside("tcp: 80, start_period: 1s"),
            outside("tcp: 80, start_period: 2s")
        ),
        web(
            "x-berth.healthcheck.start_interval",
            outside("tcp: 80, start_period: 9s, start_interval: 1s"),
            outside("tcp: 80, start_period: 9s, start_interval: 2s")
        ),
        web(
            "x-berth.on_unhealthy",
            "x-berth: {on_unhealthy: restart}",
            "x-berth: {on_unhealthy: stop}"
        ),
        web("healthcheck.disable", check("disable: false"), check("disable: true")),
    ]

    private static func hook(_ moment: String, _ parts: String = "command: a") -> String {
        "\(moment): [{\(parts)}]"
    }

    private static func outside(_ parts: String) -> String {
        "x-berth: {healthcheck: {\(parts)}}"
    }

    private static func check(_ part: String) -> String {
        part.hasPrefix("test") ? "healthcheck: {\(part)}" : "healthcheck: {test: [CMD, a], \(part)}"
    }
}
