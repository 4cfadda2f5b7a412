import OrderedCollections

/// What is in a container's file system beside its image.
extension Binder {
    mutating func readFiles(_ node: Node, _ service: inout Service) {
        service.readOnly = node["read_only"]?.bool ?? false
        service.volumes = each(node, "volumes") { $0.mount($1) }
        service.volumesFrom = values(
            node,
            "volumes_from",
            { VolumesFrom($0) },
            Mistake.isNot("a service or container", such: "db:ro or container:shop-db-1")
        )
        service.tmpfs = each(node, "tmpfs") { $0.tmpfs($1) }
        service.configs = fileReferences(node["configs"])
        service.secrets = fileReferences(node["secrets"])
        service.storageOpt = texts(node["storage_opt"])
    }

    private mutating func mount(_ node: Node) -> VolumeMount? {
        guard let source = mountSource(node), let target = node["target"]?.string else {
            return nil
        }
        var mount = VolumeMount(
            source: source,
            target: target,
            readOnly: node["read_only"]?.bool ?? false
        )
        mount.consistency = text(node["consistency"])
        mount.labels = texts(node["volume"]?["labels"])
        mount.subpath = text(node["volume"]?["subpath"]) ?? text(node["image"]?["subpath"])
        guard let bind = node["bind"] else { return mount }
        diagnostics.enter("bind")
        mount.propagation = value(
            bind,
            "propagation",
            { .init($0) },
            Mistake.always(Mistake.unknown("propagation", among: VolumeMount.Propagation.words))
        )
        diagnostics.leave()
        mount.recursive = text(bind["recursive"]).flatMap { .init(rawValue: $0) }
        mount.selinux = text(bind["selinux"])
        mount.mapsOwner = text(bind["idmap"]) == "host"
        return mount
    }

    private mutating func mountSource(_ node: Node) -> VolumeMount.Source? {
        let source = node["source"]?.string ?? ""
        switch node["type"]?.string {
        case "bind":
            return .bind(
                path: source,
                createHostPath: node["bind"]?["create_host_path"]?.bool ?? true
            )
        case "volume":
            return .volume(
                key: source.isEmpty ? nil : source,
                nocopy: node["volume"]?["nocopy"]?.bool ?? false
            )
        case "tmpfs":
            return .tmpfs(
                sizeBytes: bytes(node["tmpfs"]?["size"]),
                mode: tmpfsMode(node["tmpfs"]?["mode"])
            )
        case "image": return .image(source)
        case "npipe": return .namedPipe(source)
        case "cluster": return .cluster(source)
        default: return nil
        }
    }

    private mutating func tmpfsMode(_ node: Node?) -> UInt32? {
        guard let node, let number = node.int else { return nil }
        if let mode = UInt32(exactly: number), fileModes.contains(mode) { return mode }
        inside("tmpfs") { binder in
            binder.inside("mode") {
                $0.report(
                    Mistake(
                        "the mode \(String(number, radix: 8)) has bits that no file has",
                        hint: "such as 01777",
                        endsEveryLoad: true
                    ),
                    at: node.mark
                )
            }
        }
        return nil
    }

    private mutating func tmpfs(_ node: Node) -> VolumeMount? {
        guard let text = node.string, !text.isEmpty else { return nil }
        let short = ShortTmpfs(text)
        if isKnown(text) {
            for mistake in short.mistakes {
                report(
                    Mistake(mistake.message, hint: mistake.hint, endsEveryLoad: true),
                    at: node.mark
                )
            }
        }
        var mount = VolumeMount(
            source: .tmpfs(sizeBytes: short.sizeBytes, mode: short.mode),
            target: short.target,
            readOnly: short.isReadOnly
        )
        mount.tmpfsOptions = short.options
        return mount
    }

    func fileReferences(_ node: Node?) -> [FileReference] {
        (node?.list ?? []).compactMap { item in
            guard let source = item["source"]?.string else { return nil }
            var reference = FileReference(source: source)
            reference.target = text(item["target"])
            reference.uid = text(item["uid"])
            reference.gid = text(item["gid"])
            reference.mode = item["mode"]?.string.flatMap { UInt32($0, radix: 8) }
            return reference
        }
    }
}
