import OrderedCollections

/// compose-spec `deploy`.
extension Binder {
    func deploy(_ node: Node) -> DeployDeclaration {
        var deploy = DeployDeclaration()
        deploy.mode = text(node["mode"])
        deploy.replicas = count(node["replicas"])
        deploy.endpointMode = text(node["endpoint_mode"])
        deploy.labels = texts(node["labels"])
        deploy.limits = deployResources(node["resources"]?["limits"])
        deploy.reservations = deployResources(node["resources"]?["reservations"])
        deploy.restartPolicy = node["restart_policy"].map(restartPolicy)
        deploy.updateConfig = node["update_config"].map(update)
        deploy.rollbackConfig = node["rollback_config"].map(update)
        deploy.placement = node["placement"].map(placement)
        return deploy
    }

    private func deployResources(_ node: Node?) -> DeployDeclaration.Resources {
        var resources = DeployDeclaration.Resources()
        guard let node else { return resources }
        resources.cpus = number(node["cpus"])
        resources.memoryBytes = bytes(node["memory"])
        resources.pids = node["pids"]?.int
        resources.devices = (node["devices"]?.list ?? []).map(deviceRequest)
        resources.genericResources = (node["generic_resources"]?.list ?? []).compactMap { item in
            guard let spec = item["discrete_resource_spec"] else { return nil }
            return .init(kind: spec["kind"]?.string ?? "", value: spec["value"]?.int ?? 0)
        }
        return resources
    }

    private func restartPolicy(_ node: Node) -> DeployDeclaration.RestartPolicy {
        var policy = DeployDeclaration.RestartPolicy()
        policy.maxAttempts = count(node["max_attempts"])
        policy.condition = text(node["condition"]).flatMap {
            RestartDeclaration(condition: $0, maximumRetries: policy.maxAttempts)
        }
        policy.delay = duration(node["delay"])
        policy.window = duration(node["window"])
        return policy
    }

    private func update(_ node: Node) -> DeployDeclaration.Update {
        var update = DeployDeclaration.Update()
        update.parallelism = count(node["parallelism"])
        update.delay = duration(node["delay"])
        update.failureAction = text(node["failure_action"]).flatMap { .init(rawValue: $0) }
        update.monitor = duration(node["monitor"])
        update.maxFailureRatio = number(node["max_failure_ratio"])
        update.order = text(node["order"]).flatMap { .init(rawValue: $0) }
        return update
    }

    private func placement(_ node: Node) -> DeployDeclaration.Placement {
        var placement = DeployDeclaration.Placement()
        placement.constraints = node["constraints"]?.strings ?? []
        placement.preferences = (node["preferences"]?.list ?? []).compactMap {
            $0["spread"]?.string
        }
        placement.maxReplicasPerNode = count(node["max_replicas_per_node"])
        return placement
    }

    private func count(_ node: Node?) -> Int? { node?.int.map(Int.init) }
}
