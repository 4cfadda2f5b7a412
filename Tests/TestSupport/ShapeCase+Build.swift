extension ShapeCase {
    static let build: [ShapeCase] =
        [
            web("build.context", "build: {context: ./a}", "build: {context: ./b}"),
            web("build.dockerfile", "build: {context: .}", "build: {context: ., dockerfile: b}"),
            web("build.args", "build: {context: .}", "build: {context: ., args: {A: '1'}}"),
            web("build.labels", "build: {context: .}", "build: {context: ., labels: {a: b}}"),
            web("build.target", "build: {context: .}", "build: {context: ., target: a}"),
            web("build.tags", "build: {context: .}", "build: {context: ., tags: [a:1]}"),
        ]
        + parts.map { name, before, after in
            web(
                "build.\(name)",
                "build: {context: .\(before)}",
                "build: {context: .\(after)}"
            )
        }

    /// Attributes of a build, and what stands beside `context` without and with them.
    private static let parts: [(name: String, before: String, after: String)] = [
        ("dockerfile_inline", "", ", dockerfile_inline: FROM b"),
        ("additional_contexts", "", ", additional_contexts: {a: ./a}"),
        ("secrets", "", ", secrets: [one]"),
        ("secrets[].source", ", secrets: [one]", ", secrets: [two]"),
        ("secrets[].target", ", secrets: [one]", ", secrets: [{source: one, target: t}]"),
        (
            "secrets[].uid", ", secrets: [{source: one, uid: '1'}]",
            ", secrets: [{source: one, uid: '2'}]"
        ),
        (
            "secrets[].gid", ", secrets: [{source: one, gid: '1'}]",
            ", secrets: [{source: one, gid: '2'}]"
        ),
        (
            "secrets[].mode", ", secrets: [{source: one, mode: 0400}]",
            ", secrets: [{source: one, mode: 0440}]"
        ),
        ("ssh", "", ", ssh: [default]"),
        ("no_cache", "", ", no_cache: true"),
        ("no_cache_filter", "", ", no_cache_filter: [a]"),
        ("pull", "", ", pull: true"),
        ("cache_from", "", ", cache_from: [r/a:cache]"),
        ("cache_to", "", ", cache_to: ['type=local,dest=a']"),
        ("network", "", ", network: host"),
        ("shm_size", "", ", shm_size: 1m"),
        ("platforms", "", ", platforms: [linux/amd64]"),
        ("provenance", "", ", provenance: mode=max"),
        ("privileged", "", ", privileged: true"),
        ("extra_hosts", "", ", extra_hosts: [a=10.0.0.1]"),
        (
            "ulimits.*.soft", ", ulimits: {nofile: {soft: 1, hard: 9}}",
            ", ulimits: {nofile: {soft: 2, hard: 9}}"
        ),
        (
            "ulimits.*.hard", ", ulimits: {nofile: {soft: 1, hard: 9}}",
            ", ulimits: {nofile: {soft: 1, hard: 8}}"
        ),
        ("entitlements", "", ", entitlements: [network.host]"),
    ]
}
