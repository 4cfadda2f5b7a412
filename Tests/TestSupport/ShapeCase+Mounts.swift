/// Mounts, and the configs and secrets of a service.
extension ShapeCase {
    static let mounts: [ShapeCase] = [
        web("tmpfs", "", "tmpfs: /run"),
        web("volumes_from", "volumes_from: [db]", "volumes_from: ['db:ro']"),
        web("volumes[].type", mount("type: bind, source: /a"), mount("type: tmpfs")),
        web(
            "volumes[].source",
            mount("type: volume, source: data"),
            mount("type: volume, source: more")
        ),
        web("volumes[].target", "volumes: ['data:/a']", "volumes: ['data:/b']"),
        web("volumes[].read_only", "volumes: ['data:/a']", "volumes: ['data:/a:ro']"),
        web(
            "volumes[].bind.propagation",
            mount("type: bind, source: /a"),
            mount("type: bind, source: /a, bind: {propagation: rslave}")
        ),
        web(
            "volumes[].bind.create_host_path",
            mount("type: bind, source: /a"),
            mount("type: bind, source: /a, bind: {create_host_path: false}")
        ),
        web(
            "volumes[].bind.recursive",
            mount("type: bind, source: /a"),
            mount("type: bind, source: /a, bind: {recursive: disabled}")
        ),
        web(
            "volumes[].bind.idmap",
            mount("type: bind, source: /a"),
            mount("type: bind, source: /a, bind: {idmap: host}")
        ),
        web(
            "volumes[].volume.subpath",
            mount("type: volume, source: data"),
            mount("type: volume, source: data, volume: {subpath: a/b}")
        ),
        web(
            "volumes[].volume.labels",
            mount("type: volume"),
            mount("type: volume, volume: {labels: {a: b}}")
        ),
        web(
            "volumes[].volume.nocopy",
            mount("type: volume, source: data"),
            mount("type: volume, source: data, volume: {nocopy: true}")
        ),
        web(
            "volumes[].tmpfs.size",
            mount("type: tmpfs"),
            mount("type: tmpfs, tmpfs: {size: 1048576}")
        ),
        web(
            "volumes[].image.subpath",
            mount("type: image, source: tool"),
            mount("type: image, source: tool, image: {subpath: a/b}")
        ),
        web("volumes[].tmpfs.mode", mount("type: tmpfs"), mount("type: tmpfs, tmpfs: {mode: 448}")),
    ]

    private static func mount(_ parts: String) -> String { "volumes: [{\(parts), target: /t}]" }

    static let givenFiles: [ShapeCase] =
        ["configs", "secrets"].flatMap { (kind: String) -> [ShapeCase] in
            [
                web("\(kind)[].source", "\(kind): [one]", "\(kind): [two]"),
                web("\(kind)[].target", "\(kind): [one]", given(kind, "target: /t")),
                web("\(kind)[].uid", given("configs", "uid: '1'"), given("configs", "uid: '2'")),
                web("\(kind)[].gid", given("configs", "gid: '1'"), given("configs", "gid: '2'")),
                web(
                    "\(kind)[].mode",
                    given("configs", "mode: 0400"),
                    given("configs", "mode: 0440")
                ),
            ]
        } + [
            written("configs.*.content", "content: a", "content: b"),
            written("configs.*.file", "file: ./a", "file: ./b"),
            written("configs.*.environment", "environment: ONE", "environment: TWO"),
            written("secrets.*.file", "file: ./a", "file: ./b"),
            written("secrets.*.environment", "environment: ONE", "environment: TWO"),
        ]

    private static func given(_ kind: String, _ parts: String) -> String {
        "\(kind): [{source: one, \(parts)}]"
    }

    private static func written(
        _ attribute: String,
        _ before: String,
        _ after: String
    ) -> ShapeCase {
        let kind = attribute.prefix { $0 != "." }
        let file = { (parts: String) in
            "services: {web: {image: app, \(kind): [one]}, db: {image: db}}\n"
                + "\(kind): {one: {\(parts)}}"
        }
        return ShapeCase(attribute: attribute, before: file(before), after: file(after))
    }
}
