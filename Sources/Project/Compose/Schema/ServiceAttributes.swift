extension Fields {
    /// compose-spec "services": every attribute of a service, in canonical order.
    static let service = Fields([
        .init("profiles", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("annotations", .labels, .carriedOut),
        .init("attach", .boolean, .carriedOut, keepsEmpty: true),
        .init("build", .form(.build), .carriedOut),
        .init("develop", .fields(.develop), .carriedOut),
        .init("blkio_config", .fields(.blockIO), .carriedOut),
        .init("cap_add", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("cap_drop", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("cgroup_parent", .string, .carriedOut),
        .init("cgroup", .word(["host", "private"]), .carriedOut),
        .init("cpu_count", .natural, .windows),
        .init("cpu_percent", .number, .windows),
        .init("cpu_period", .integer, .carriedOut),
        .init("cpu_quota", .integer, .carriedOut),
        .init("cpu_rt_period", .integer, .carriedOut),
        .init("cpu_rt_runtime", .integer, .carriedOut),
        .init("cpus", .number, .carriedOut),
        .init("cpuset", .string, .carriedOut),
        .init("cpu_shares", .integer, .carriedOut),
        .init(
            "command",
            .command,
            .carriedOut,
            merge: .override,
            keepsEmpty: true,
            alwaysInJSON: .null
        ),
        .init("configs", .form(.fileReferences), .carriedOut, merge: .unique(.target(folder: "/"))),
        .init("container_name", .string, .carriedOut),
        .init("credential_spec", .fields(.credentialSpec), .windows),
        .init("depends_on", .form(.dependsOn), .carriedOut),
        .init("deploy", .fields(.deploy), .carriedOut),
        .init("device_cgroup_rules", .list(.string), .carriedOut, merge: .distinct),
        .init("devices", .form(.devices), .carriedOut, merge: .unique(.target(folder: nil))),
        .init("dns", .strings, .carriedOut, merge: .unique(.keyOfPair)),
        .init("dns_opt", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("dns_search", .strings, .carriedOut, merge: .unique(.keyOfPair)),
        .init("domainname", .string, .carriedOut),
        .init(
            "entrypoint",
            .command,
            .carriedOut,
            merge: .override,
            keepsEmpty: true,
            alwaysInJSON: .null
        ),
        .init("provider", .fields(.provider), .carriedOut),
        .init("environment", .environment, .carriedOut, merge: .entries),
        .init("env_file", .form(.envFiles), .carriedOut, merge: .unique(.path)),
        .init("expose", .list(.text), .carriedOut, merge: .unique(.text)),
        .init("extends", .form(.extends), .carriedOut),
        .init("external_links", .list(.string), .carriedOut, merge: .distinct),
        .init("extra_hosts", .form(.extraHosts), .carriedOut, merge: .appendMissing),
        .init("group_add", .list(.text), .carriedOut, merge: .distinct),
        .init("gpus", .form(.deviceRequests), .carriedOut),
        .init("hostname", .string, .carriedOut),
        .init("healthcheck", .fields(.healthcheck), .carriedOut),
        .init("image", .string, .carriedOut),
        .init("init", .boolean, .carriedOut, keepsEmpty: true),
        .init("ipc", .string, .carriedOut),
        .init("isolation", .string, .isolation, ordinary: ["default"]),
        .init("labels", .labels, .carriedOut, merge: .entries),
        .init("label_file", .form(.labelFiles), .carriedOut, merge: .unique(.keyOfPair)),
        .init("links", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("logging", .fields(.logging), .carriedOut, merge: .logging),
        .init("mem_limit", .bytes, .carriedOut),
        .init("mem_reservation", .bytes, .carriedOut),
        .init("memswap_limit", .bytes, .carriedOut),
        .init("mem_swappiness", .bytes, .carriedOut),
        .init("mac_address", .string, .carriedOut),
        .init("models", .form(.serviceModels), .carriedOut),
        .init("network_mode", .string, .carriedOut),
        .init("networks", .form(.serviceNetworks), .carriedOut),
        .init("oom_kill_disable", .boolean, .carriedOut),
        .init("oom_score_adj", .integer(-1000...1000), .carriedOut),
        .init("pid", .string, .carriedOut),
        .init("pids_limit", .integer, .carriedOut),
        .init("platform", .string, .carriedOut),
        .init("ports", .form(.ports), .carriedOut, merge: .unique(.port)),
        .init("privileged", .boolean, .carriedOut),
        .init("pull_policy", .string, .carriedOut),
        .init("pull_refresh_after", .string, .carriedOut),
        .init("read_only", .boolean, .carriedOut),
        .init("restart", .string, .carriedOut),
        .init(
            "runtime",
            .string,
            .runtime,
            ordinary: ["runc", "io.containerd.runc.v2"]
        ),
        .init("scale", .natural, .carriedOut, keepsEmpty: true),
        .init(
            "secrets",
            .form(.fileReferences),
            .carriedOut,
            merge: .unique(.target(folder: "/run/secrets/"))
        ),
        .init("security_opt", .list(.string), .carriedOut, merge: .distinct),
        .init("shm_size", .bytes, .carriedOut),
        .init("stdin_open", .boolean, .carriedOut),
        .init("stop_grace_period", .duration, .carriedOut, keepsEmpty: true),
        .init("stop_signal", .string, .carriedOut),
        .init("storage_opt", .dictionary(.text), .storage),
        .init("sysctls", .labels, .carriedOut, merge: .entries),
        .init("tmpfs", .strings, .carriedOut, merge: .unique(.keyOfPair)),
        .init("tty", .boolean, .carriedOut),
        .init("ulimits", .named(.form(.ulimit), nullable: false), .carriedOut),
        .init("use_api_socket", .boolean, .socket, ordinary: ["false"]),
        .init("user", .string, .carriedOut),
        .init("userns_mode", .string, .users, ordinary: ["auto", "host"]),
        .init("uts", .string, .carriedOut),
        .init("volumes", .form(.volumes), .carriedOut, merge: .unique(.target(folder: nil))),
        .init("volumes_from", .list(.string), .carriedOut, merge: .distinct),
        .init("working_dir", .string, .carriedOut),
        .init("pre_start", .list(.fields(.preStartHook)), .carriedOut),
        .init("post_start", .list(.fields(.hook)), .carriedOut),
        .init("pre_stop", .list(.fields(.hook)), .carriedOut),
        .init("x-berth", .fields(.own), .carriedOut),
    ])

    /// `x-berth`: what no specification has.
    static let own = Fields([
        .init("healthcheck", .fields(.outsideCheck), .carriedOut),
        .init("on_unhealthy", .word(UnhealthyAction.allCases.map(\.rawValue)), .carriedOut),
    ])

    static let outsideCheck = Fields([
        .init("http", .string, .carriedOut),
        .init("tcp", .text, .carriedOut),
        .init("log", .string, .carriedOut),
        .init("timeout", .duration, .carriedOut, keepsEmpty: true),
        .init("interval", .duration, .carriedOut, keepsEmpty: true),
        .init("retries", .natural, .carriedOut, keepsEmpty: true),
        .init("start_period", .duration, .carriedOut, keepsEmpty: true),
        .init("start_interval", .duration, .carriedOut, keepsEmpty: true),
    ])

    static let healthcheck = Fields([
        .init("test", .healthcheckTest, .carriedOut, merge: .replace, keepsEmpty: true),
        .init("timeout", .duration, .carriedOut, keepsEmpty: true),
        .init("interval", .duration, .carriedOut, keepsEmpty: true),
        .init("retries", .natural, .carriedOut, keepsEmpty: true),
        .init("start_period", .duration, .carriedOut, keepsEmpty: true),
        .init("start_interval", .duration, .carriedOut, keepsEmpty: true),
        .init("disable", .boolean, .carriedOut),
    ])

    static let dependency = Fields(
        [
            .init(
                "condition",
                .word(["service_started", "service_healthy", "service_completed_successfully"]),
                .carriedOut
            ),
            .init("restart", .boolean, .carriedOut),
            .init("required", .boolean, .carriedOut, keepsEmpty: true),
        ],
        required: ["condition"]
    )

    static let serviceNetwork = Fields([
        .init("aliases", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("driver_opts", .dictionary(.text), .carriedOut),
        .init("gw_priority", .integer, .carriedOut),
        .init("interface_name", .string, .carriedOut),
        .init("ipv4_address", .string, .carriedOut),
        .init("ipv6_address", .string, .carriedOut),
        .init("link_local_ips", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("mac_address", .string, .carriedOut),
        .init("priority", .integer, .carriedOut),
    ])

    static let logging = Fields([
        .init(
            "driver",
            .string,
            .carriedOut,
            ordinary: ["json-file", "local", "none", "syslog", "journald", "gelf", "fluentd"]
        ),
        .init("options", .dictionary(.text), .carriedOut),
    ])

    static let port = Fields([
        .init("name", .string, .portName),
        .init("mode", .string, .portMode),
        .init("host_ip", .string, .carriedOut),
        .init("target", .integer(1...65535), .carriedOut),
        .init("published", .text, .carriedOut),
        .init("protocol", .string, .carriedOut),
        .init("app_protocol", .string, .portProtocol),
    ])

    static let envFile = Fields(
        [
            .init("path", .path, .carriedOut),
            .init("required", .boolean, .carriedOut, keepsEmpty: true, implied: true),
            .init("format", .string, .carriedOut),
        ],
        required: ["path"]
    )

    static let extends = Fields(
        [.init("service", .string, .carriedOut), .init("file", .string, .carriedOut)],
        required: ["service"]
    )

    /// An element of `configs` and `secrets` of a service or a build.
    static let fileReference = Fields([
        .init("source", .string, .carriedOut),
        .init("target", .string, .carriedOut),
        .init("uid", .string, .carriedOut),
        .init("gid", .string, .carriedOut),
        .init("mode", .fileMode, .carriedOut),
    ])

    static let hook = Fields(
        [
            .init(
                "command",
                .command,
                .carriedOut,
                merge: .replace,
                keepsEmpty: true,
                alwaysInJSON: .null
            ),
            .init("user", .string, .carriedOut),
            .init("privileged", .boolean, .carriedOut),
            .init("working_dir", .string, .carriedOut),
            .init("environment", .environment, .carriedOut, merge: .entries),
        ],
        required: ["command"]
    )

    static let preStartHook = Fields([
        .init(
            "command",
            .command,
            .carriedOut,
            merge: .replace,
            keepsEmpty: true,
            alwaysInJSON: .null
        ),
        .init("image", .string, .carriedOut),
        .init("user", .string, .carriedOut),
        .init("privileged", .boolean, .carriedOut),
        .init("working_dir", .string, .carriedOut),
        .init("environment", .environment, .carriedOut, merge: .entries),
        .init("per_replica", .boolean, .carriedOut),
    ])

    static let provider = Fields(
        [
            .init("type", .string, .carriedOut),
            .init("options", .dictionary(.form(.textOrTexts)), .carriedOut),
        ],
        required: ["type"]
    )

    static let serviceModel = Fields([
        .init("endpoint_var", .string, .carriedOut),
        .init("model_var", .string, .carriedOut),
    ])

    static let credentialSpec = Fields([
        .init("config", .string, .refused),
        .init("file", .string, .refused),
        .init("registry", .string, .refused),
    ])

    static let develop = Fields([.init("watch", .list(.fields(.watch)), .carriedOut)])

    static let watch = Fields(
        [
            .init("path", .path, .carriedOut),
            .init(
                "action",
                .word(["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
                .carriedOut
            ),
            .init("target", .string, .carriedOut),
            .init("exec", .fields(.hook), .carriedOut, alwaysInJSON: .emptyMapping),
            .init("include", .strings, .carriedOut),
            .init("ignore", .strings, .carriedOut),
            .init("initial_sync", .boolean, .carriedOut),
        ],
        required: ["path", "action"]
    )
}
