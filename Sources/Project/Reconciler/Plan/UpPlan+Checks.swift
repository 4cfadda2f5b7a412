import Compose
import ContainerRuntime
import Engine
import OrderedCollections

extension UpPlan {
    /// Keys of networks and volumes that the selected services use, or of all when all are wanted, in
    /// the order of the file.
    var usedNetworks: [String] {
        if options.allResources { return Array(project.networks.keys) }
        let used = Set(selection.services.values.flatMap { $0.networks.keys })
        return project.networks.keys.filter(used.contains)
    }

    var usedVolumes: [String] {
        if options.allResources { return Array(project.volumes.keys) }
        let used = Set(selection.services.values.flatMap(\.volumeKeys))
        return project.volumes.keys.filter(used.contains)
    }

    func missingExternals() -> [ReconcilerError.Problem] {
        var problems: [ReconcilerError.Problem] = []
        for key in usedNetworks {
            guard let network = project.networks[key], network.external,
                !observed.networks.contains(where: { $0.name == network.name })
            else { continue }
            let asking = selection.services.values.first {
                $0.networkMode == .named(network.name) && $0.networks[key] != nil
            }
            if let asking {
                problems.append(
                    .init(
                        "service \"\(asking.name)\"",
                        "network \(network.name) not found",
                        remedy:
                            "`berth network create \(network.name)` makes it; under `networks` it is made",
                        at: asking.path("network_mode")
                    )
                )
                continue
            }
            problems.append(
                .init(
                    "",
                    "network \(network.name) declared as external, but could not be found",
                    remedy:
                        "`berth network create \(network.name)` makes it, or the project that it "
                        + "is of; or leave out `external`",
                    at: "networks.\(key).external"
                )
            )
        }
        for key in usedVolumes {
            guard let volume = project.volumes[key], volume.external,
                !observed.volumes.contains(where: { $0.name == volume.name })
            else { continue }
            problems.append(
                .init(
                    "",
                    "volume \(volume.name) declared as external, but could not be found",
                    remedy: "`berth volume create \(volume.name)` makes it, or the project that it "
                        + "is of; or leave out `external`",
                    at: "volumes.\(key).external"
                )
            )
        }
        return problems
    }

    /// As docker compose: a longer look at the beginning only means something where that has a length.
    func vainStartIntervals() -> [ReconcilerError.Problem] {
        selection.services.values.compactMap { service in
            guard let check = service.healthcheck, check.test != HealthcheckDeclaration.Test.none,
                check.startInterval != nil, check.startPeriod == nil
            else { return nil }
            return .init(
                "service \"\(service.name)\"",
                "healthcheck.start_interval requires healthcheck.start_period to be set",
                at: service.path("healthcheck.start_interval")
            )
        }
    }

    /// What is to run on and cannot, since it was paused by hand: docker refuses to start it, too.
    func pausedReplicas() -> [ReconcilerError.Problem] {
        guard options.starts else { return [] }
        return selection.services.keys.flatMap { replicas[$0] ?? [] }.compactMap(\.kept)
            .filter(\.isPaused).map(ReconcilerError.Problem.init(paused:))
    }

    func nameConflicts() -> [ReconcilerError.Problem] {
        var owners: [String: String] = [:]
        var problems: [ReconcilerError.Problem] = []
        for replica in selection.services.keys.flatMap({ replicas[$0] ?? [] }) {
            if let other = owners.updateValue(replica.service, forKey: replica.name) {
                problems.append(
                    .init(
                        "service \"\(replica.service)\"",
                        "container name \(replica.name) is used by service \"\(other)\" too"
                    )
                )
            }
        }
        return problems
    }
}

extension ReconcilerError.Problem {
    /// A paused container that somebody wants to run.
    init(paused container: Observed.Container) {
        self.init(
            "container \(container.name)",
            "is paused and cannot be started",
            remedy: "`berth unpause \(container.service)` lets it go on"
        )
    }
}

extension Service {
    /// Keys of the project's volumes that it mounts, in the order of its mounts.
    var volumeKeys: [String] {
        volumes.compactMap { mount in
            guard case .volume(let key?, _) = mount.source else { return nil }
            return key
        }
    }
}
