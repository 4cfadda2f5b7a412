extension Fields {
    /// compose-spec "build".
    static let build = Fields([
        .init("context", .form(.buildContext), .carriedOut),
        .init("dockerfile", .string, .carriedOut),
        .init("dockerfile_inline", .string, .carriedOut),
        .init("entitlements", .list(.string), .carriedOut),
        .init("args", .environment, .carriedOut, merge: .entries),
        .init("provenance", .text, .carriedOut),
        .init("sbom", .text, .scanner, ordinary: ["false"]),
        .init("ssh", .form(.ssh), .carriedOut),
        .init("labels", .labels, .carriedOut, merge: .entries),
        .init("cache_from", .list(.string), .carriedOut),
        .init("cache_to", .list(.string), .carriedOut),
        .init("no_cache", .boolean, .carriedOut),
        .init("no_cache_filter", .strings, .carriedOut),
        .init("additional_contexts", .form(.additionalContexts), .carriedOut, merge: .entries),
        .init("pull", .boolean, .carriedOut),
        .init("extra_hosts", .form(.extraHosts), .carriedOut, merge: .appendMissing),
        .init("isolation", .string, .windows),
        .init("network", .string, .carriedOut),
        .init("target", .string, .carriedOut),
        .init("secrets", .form(.fileReferences), .carriedOut),
        .init("shm_size", .bytes, .carriedOut),
        .init("tags", .list(.string), .carriedOut, merge: .unique(.keyOfPair)),
        .init("ulimits", .named(.form(.ulimit), nullable: false), .carriedOut),
        .init("platforms", .list(.string), .carriedOut),
        .init("privileged", .boolean, .carriedOut),
    ])

    /// compose-spec "deploy".
    static let deploy = Fields([
        .init("mode", .string, .replicas, ordinary: ["replicated"]),
        .init("replicas", .natural, .carriedOut, keepsEmpty: true),
        .init("labels", .labels, .serviceLabels, merge: .entries),
        .init("update_config", .fields(.updateConfig), .carriedOut),
        .init("rollback_config", .fields(.updateConfig), .rollback),
        .init("resources", .fields(.resources), .carriedOut, alwaysInJSON: .emptyMapping),
        .init("restart_policy", .fields(.restartPolicy), .carriedOut),
        .init("placement", .fields(.placement), .cluster, alwaysInJSON: .emptyMapping),
        .init("endpoint_mode", .string, .cluster),
    ])

    static let updateConfig = Fields([
        .init("parallelism", .natural, .carriedOut, keepsEmpty: true),
        .init("delay", .duration, .carriedOut),
        .init("failure_action", .word(["continue", "pause", "rollback"]), .carriedOut),
        .init("monitor", .duration, .carriedOut),
        .init("max_failure_ratio", .number, .failureRatio),
        .init("order", .word(["start-first", "stop-first"]), .carriedOut),
    ])

    static let resources = Fields([
        .init("limits", .fields(.resource), .carriedOut),
        .init("reservations", .fields(.reservation), .carriedOut),
    ])

    static let resource = Fields([
        .init("cpus", .number, .carriedOut),
        .init("memory", .bytes, .carriedOut),
        .init("pids", .integer, .carriedOut),
        .init("devices", .list(.fields(.reservedDevice)), .limitedDevices),
        .init("generic_resources", .list(.fields(.genericResource)), .cluster),
    ])

    /// What a cluster sets aside; of it a container of one machine has memory and devices.
    static let reservation = Fields([
        .init("cpus", .number, .cluster),
        .init("memory", .bytes, .carriedOut),
        .init("pids", .integer, .cluster),
        .init("devices", .list(.fields(.reservedDevice)), .carriedOut),
        .init("generic_resources", .list(.fields(.genericResource)), .cluster),
    ])

    static let genericResource = Fields([
        .init("discrete_resource_spec", .fields(.discreteResource), .refused)
    ])

    static let discreteResource = Fields([
        .init("kind", .string, .refused), .init("value", .integer, .refused),
    ])

    static let restartPolicy = Fields([
        .init("condition", .string, .carriedOut),
        .init("delay", .duration, .restartDelay, keepsEmpty: true),
        .init("max_attempts", .natural, .carriedOut, keepsEmpty: true),
        .init("window", .duration, .restartDelay, keepsEmpty: true),
    ])

    static let placement = Fields([
        .init("constraints", .list(.string), .refused),
        .init("preferences", .list(.fields(.placementPreference)), .refused),
        .init("max_replicas_per_node", .natural, .refused),
    ])

    static let placementPreference = Fields([.init("spread", .string, .refused)])
}
