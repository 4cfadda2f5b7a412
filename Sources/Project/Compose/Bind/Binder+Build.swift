import OrderedCollections

/// compose-spec `build`.
extension Binder {
    mutating func build(_ node: Node) -> BuildDeclaration? {
        guard node.map != nil else { return nil }
        var build = BuildDeclaration(context: node["context"]?.string ?? "")
        if let dockerfile = text(node["dockerfile"]) { build.dockerfile = dockerfile }
        build.dockerfileInline = text(node["dockerfile_inline"])
        build.args = optionals(node["args"])
        build.target = text(node["target"])
        build.additionalContexts = texts(node["additional_contexts"])
        build.tags = node["tags"]?.strings ?? []
        build.labels = texts(node["labels"])
        build.platforms = node["platforms"]?.strings ?? []
        build.ssh = node["ssh"]?.strings ?? []
        build.secrets = fileReferences(node["secrets"])
        build.network = text(node["network"])
        build.extraHosts = extraHosts(node)
        build.shmSizeBytes = bytes(node["shm_size"])
        build.ulimits = ulimits(node)
        build.privileged = node["privileged"]?.bool ?? false
        build.entitlements = node["entitlements"]?.strings ?? []
        build.isolation = text(node["isolation"])
        build.noCache = node["no_cache"]?.bool ?? false
        build.noCacheFilter = node["no_cache_filter"]?.strings ?? []
        build.cacheFrom = node["cache_from"]?.strings ?? []
        build.cacheTo = node["cache_to"]?.strings ?? []
        build.pull = node["pull"]?.bool ?? false
        build.provenance = text(node["provenance"])
        build.sbom = text(node["sbom"])
        return build
    }
}
