extension Fields {
    /// The compose file as a whole. compose-spec "Compose file".
    static let project = Fields([
        .init("name", .string, .carriedOut),
        .init(
            "services",
            .named(.fields(.service), nullable: false),
            .carriedOut,
            keepsEmpty: true
        ),
        .init("networks", .named(.fields(.network), nullable: true), .carriedOut),
        .init("volumes", .named(.fields(.volume), nullable: true), .carriedOut),
        .init("secrets", .named(.fields(.secret), nullable: false), .carriedOut),
        .init("configs", .named(.fields(.config), nullable: false), .carriedOut),
        .init("models", .named(.fields(.model), nullable: false), .carriedOut),
        .init("include", .anything, .carriedOut),
        .init("version", .text, .version),
    ])

    static let network = Fields([
        .init("name", .string, .carriedOut),
        .init("driver", .string, .carriedOut, ordinary: ["bridge", "macvlan", "ipvlan"]),
        .init("driver_opts", .dictionary(.text), .carriedOut),
        .init("ipam", .fields(.ipam), .carriedOut, alwaysInJSON: .emptyMapping),
        .init("external", .form(.external), .carriedOut),
        .init("internal", .boolean, .carriedOut),
        .init("attachable", .boolean, .carriedOut),
        .init("labels", .labels, .carriedOut, merge: .entries),
        .init("enable_ipv4", .boolean, .carriedOut, keepsEmpty: true),
        .init("enable_ipv6", .boolean, .carriedOut, keepsEmpty: true),
    ])

    static let ipam = Fields([
        .init("driver", .string, .carriedOut, ordinary: ["default"]),
        .init("config", .list(.fields(.ipamPool)), .carriedOut, merge: .unique(.subnet)),
        .init("options", .dictionary(.string), .ipamOptions),
    ])

    static let ipamPool = Fields([
        .init("subnet", .string, .carriedOut),
        .init("gateway", .string, .carriedOut),
        .init("ip_range", .string, .carriedOut),
        .init("aux_addresses", .dictionary(.string), .carriedOut),
    ])

    static let volume = Fields([
        .init("name", .string, .carriedOut),
        .init("driver", .string, .carriedOut, ordinary: ["local"]),
        .init("driver_opts", .dictionary(.text), .carriedOut),
        .init("external", .form(.external), .carriedOut),
        .init("labels", .labels, .carriedOut, merge: .entries),
    ])

    static let secret = Fields([
        .init("name", .string, .fileName),
        .init("file", .path, .carriedOut),
        .init("environment", .string, .carriedOut),
        .init("content", .string, .refused),
        .init("external", .form(.external), .carriedOut, ordinary: ["false"]),
        .init("labels", .labels, .fileLabels, merge: .entries),
        .init("driver", .string, .fileDriver),
        .init("driver_opts", .dictionary(.text), .fileDriver),
        .init("template_driver", .string, .fileDriver),
    ])

    static let config = Fields([
        .init("name", .string, .fileName),
        .init("file", .path, .carriedOut),
        .init("environment", .string, .carriedOut),
        .init("content", .string, .carriedOut),
        .init("external", .form(.external), .carriedOut, ordinary: ["false"]),
        .init("labels", .labels, .fileLabels, merge: .entries),
        .init("template_driver", .string, .fileDriver),
    ])

    static let model = Fields(
        [
            .init("name", .string, .carriedOut),
            .init("model", .string, .carriedOut),
            .init("context_size", .integer, .carriedOut),
            .init("runtime_flags", .list(.string), .carriedOut),
        ],
        required: ["model"]
    )

    /// An entry of `include`, long form.
    static let include = Fields(
        [
            .init("path", .strings, .carriedOut),
            .init("env_file", .strings, .carriedOut),
            .init("project_directory", .string, .carriedOut),
        ],
        required: ["path"]
    )
}
