extension Fields {
    /// An element of `volumes` of a service.
    static let mount = Fields(
        [
            .init(
                "type",
                .word(["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
                .carriedOut
            ),
            .init("source", .string, .carriedOut),
            .init("target", .string, .carriedOut),
            .init("read_only", .boolean, .carriedOut),
            .init("consistency", .string, .consistency),
            .init("bind", .fields(.bindOptions), .carriedOut, keepsEmpty: true),
            .init("volume", .fields(.volumeOptions), .carriedOut, keepsEmpty: true),
            .init("tmpfs", .fields(.tmpfsOptions), .carriedOut, keepsEmpty: true),
            .init("image", .fields(.imageOptions), .carriedOut, keepsEmpty: true),
        ],
        required: ["type"]
    )

    static let bindOptions = Fields([
        .init("selinux", .word(["z", "Z"]), .selinux),
        .init("propagation", .string, .carriedOut),
        .init("create_host_path", .boolean, .carriedOut, keepsEmpty: true, implied: true),
        .init(
            "recursive",
            .word(["enabled", "disabled", "writable", "readonly"]),
            .carriedOut
        ),
        // Of ours: docs/decisions/043.
        .init("idmap", .word(["host"]), .carriedOut),
    ])

    static let volumeOptions = Fields([
        .init("labels", .labels, .carriedOut, merge: .entries),
        .init("nocopy", .boolean, .carriedOut),
        .init("subpath", .string, .carriedOut),
    ])

    static let tmpfsOptions = Fields([
        .init("size", .wholeBytes, .carriedOut),
        .init("mode", .modeNumber, .carriedOut),
    ])

    static let imageOptions = Fields([.init("subpath", .string, .carriedOut)])

    static let device = Fields(
        [
            .init("source", .string, .carriedOut),
            .init("target", .string, .carriedOut),
            .init("permissions", .string, .carriedOut),
        ],
        required: ["source"]
    )

    /// An element of `gpus`.
    static let deviceRequest = Fields([
        .init("capabilities", .list(.string), .deviceCapabilities, merge: .distinct),
        .init("driver", .string, .carriedOut),
        .init("count", .form(.deviceCount), .carriedOut),
        .init("device_ids", .list(.string), .carriedOut, merge: .distinct),
        .init("options", .labels, .deviceOptions),
    ])

    /// An element of `deploy.resources.reservations.devices`.
    static let reservedDevice = Fields(deviceRequest.attributes, required: ["capabilities"])

    static let ulimit = Fields(
        [
            .init("soft", .integer, .carriedOut, keepsEmpty: true),
            .init("hard", .integer, .carriedOut, keepsEmpty: true),
        ],
        required: ["soft", "hard"]
    )

    static let blockIO = Fields([
        .init("weight", .integer, .carriedOut),
        .init("weight_device", .list(.fields(.blockIOWeight)), .carriedOut),
        .init("device_read_bps", .list(.fields(.blockIORate)), .carriedOut),
        .init("device_read_iops", .list(.fields(.blockIORate)), .carriedOut),
        .init("device_write_bps", .list(.fields(.blockIORate)), .carriedOut),
        .init("device_write_iops", .list(.fields(.blockIORate)), .carriedOut),
    ])

    static let blockIOWeight = Fields([
        .init("path", .string, .carriedOut, jsonKey: "Path"),
        .init("weight", .integer, .carriedOut, jsonKey: "Weight"),
    ])

    static let blockIORate = Fields([
        .init("path", .string, .carriedOut, jsonKey: "Path"),
        .init("rate", .bytes, .carriedOut, jsonKey: "Rate"),
    ])
}
