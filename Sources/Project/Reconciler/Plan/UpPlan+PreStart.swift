import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections

/// Which hook of `pre_start` is run, and for whom.
package struct PreStartPlace: Equatable, Sendable {
    /// Whose hook it is.
    package var service: String
    /// Counted from 0, as in the file.
    package var index: Int
    /// The container that waits for it alone; nil where all of the service do.
    package var container: String?

    /// `pre_start[0]`
    package var hook: String { "pre_start[\(index)]" }
    /// `container shop-web-1` or `service web`
    package var subject: String { container.map { "container \($0)" } ?? "service \(service)" }
    /// Where it stands in the file.
    package var path: String { "services.\(service).\(hook)" }
}

extension Service {
    /// What the image of a hook of `pre_start` is known by, beside those of services; nil where it is the
    /// service's own.
    func keyOfImage(ofPreStart index: Int) -> String? {
        guard let own = preStart[index].image, own != image else { return nil }
        return "\(name).pre_start[\(index)]"
    }

    /// Every image that hooks have of their own, with what it is known by.
    package var imagesOfPreStart: [(key: String, reference: String)] {
        preStart.indices.compactMap { index in
            keyOfImage(ofPreStart: index).flatMap { key in
                preStart[index].image.map { (key, $0) }
            }
        }
    }

    /// The service as a hook of `pre_start` is run: with its networks, variables, configs and secrets, but
    /// nothing that only one container can have, and nothing that is about its life. Its mounts are
    /// those of the container that waits.
    fileprivate func preStart(_ index: Int) -> Service {
        var own = self
        let hook = preStart[index]
        if let image = hook.image { own.image = image }
        own.entrypoint = nil
        own.command = hook.command.isEmpty ? nil : hook.command
        own.environment.merge(hook.environment) { $1 }
        own.user = hook.user ?? user
        own.workingDirectory = hook.workingDirectory ?? workingDirectory
        own.security.privileged = security.privileged || hook.privileged
        own.healthcheck = HealthcheckDeclaration()
        own.healthcheck?.test = HealthcheckDeclaration.Test.none
        own.restart = nil
        own.deploy?.restartPolicy = nil
        (own.preStart, own.postStart, own.preStop) = ([], [], [])
        (own.ports, own.volumes, own.tmpfs, own.volumesFrom) = ([], [], [], [])
        (own.tty, own.stdinOpen) = (false, false)
        own.macAddress = nil
        for name in own.networks.keys {
            own.networks[name]?.aliases = []
            own.networks[name]?.ipv4Address = nil
            own.networks[name]?.ipv6Address = nil
            own.networks[name]?.macAddress = nil
        }
        return own
    }
}

extension UpPlan {
    /// Adds the hooks that have to end well before a container is started, one after the other; gives
    /// what the start comes after. One that is for the whole service is run with the first container
    /// that starts, and not when one runs already.
    mutating func addPreStart(
        of replica: Replica,
        _ service: Service,
        because: String,
        after: [Int]
    ) throws(ReconcilerError) -> [Int] {
        guard !service.preStart.isEmpty else { return after }
        let oneRuns = (replicas[service.name] ?? []).contains(where: runsOn)
        var last = after
        for (index, hook) in service.preStart.enumerated() {
            if hook.perReplica || preStarted[service.name]?[index] == nil {
                guard hook.perReplica || !oneRuns else { continue }
                let place = PreStartPlace(
                    service: service.name,
                    index: index,
                    container: hook.perReplica ? replica.name : nil
                )
                let wanted = try preStart(place, of: service, for: replica)
                let step = plan.add(
                    .init(.runPreStart(wanted, place), because: because, after: last)
                )
                if !hook.perReplica { preStarted[service.name, default: [:]][index] = step }
                last = [step]
            } else if let step = preStarted[service.name]?[index] {
                last = Set(last + [step]).sorted()
            }
        }
        return last
    }

    private func preStart(
        _ place: PreStartPlace,
        of service: Service,
        for replica: Replica
    ) throws(ReconcilerError) -> WantedContainer {
        let own = service.preStart(place.index)
        let name = project.joinedName(
            service.name,
            place.container == nil
                ? "pre_start" : "pre_start_\(replica.name.suffix(while: \.isNumber))",
            "\(place.index + 1)"
        )
        let key = service.keyOfImage(ofPreStart: place.index) ?? service.name
        guard let image = images[key] else {
            return .forecast(
                ContainerReference(name: name, service: service.name),
                image: own.imageReference(in: project)
            )
        }
        let given = try GivenFiles(of: own, in: project, files: files)
        var spec = try ContainerSpec(
            of: own,
            in: project,
            image: image,
            given: given,
            companions: try companions(of: service)
        )
        spec.volumesFrom = [InheritedMounts(from: replica.name, readOnly: false)]
        spec.healthcheck = nil
        var request = ContainerRequest(name: name, spec: spec, of: own, number: 0, in: project)
        request.contents = given.contents
        request.isOneOff = true
        request.number = nil
        request.labels[ComposeLabels.number] = nil
        request.labels[ComposeLabels.oneOff] = "True"
        request.labels[ComposeLabels.hook] = "pre_start"
        return .request(request)
    }
}

extension StringProtocol {
    fileprivate func suffix(while belongs: (Character) -> Bool) -> String {
        String(reversed().prefix(while: belongs).reversed())
    }
}
