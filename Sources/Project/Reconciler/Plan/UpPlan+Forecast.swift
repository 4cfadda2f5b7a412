import Compose
import ContainerRuntime
import OCI
import OrderedCollections

/// What is known of a container whose image is yet to come.
extension UpPlan {
    /// What the file says otherwise than the container has it; nothing that the image may say.
    func knownDifference(
        _ container: Observed.Container,
        _ replica: Replica,
        of service: Service
    ) -> SpecDifference {
        let old = container.spec
        var defaults = ContainerDefaults()
        defaults.command = ["?"]
        let image = ServiceImage(
            reference: replica.image,
            digest: old.image,
            defaults: defaults
        )
        var named = old
        named.imageName = replica.image
        // `try?`: what is wrong with it is told when the image is there.
        let wanted = try? ContainerSpec(
            of: service,
            in: project,
            image: image,
            given: GivenFiles(of: service, in: project, files: files),
            companions: companions(of: service)
        )
        var difference = SpecDifference(from: old, to: wanted ?? named)
        difference.keep { service.says($0, besides: old) }
        return difference
    }
}

extension Service {
    /// Whether a difference comes of the file, whatever the image is.
    fileprivate func says(_ change: String, besides old: ContainerSpec) -> Bool {
        let field = change.prefix { $0 != ":" && $0 != " " }
        let parts = field.split(separator: ".", maxSplits: 1).map(String.init)
        let name = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "command": return !(entrypoint ?? []).isEmpty
        case "environment": return environment[name] != nil
        case "labels": return labels[name] != nil
        case "user": return user != nil
        case "working_dir": return workingDirectory?.hasPrefix("/") == true
        case "stop_signal": return stopSignal != nil
        case "healthcheck": return healthcheck?.test != nil
        case "expose", "configuration": return false
        case "volumes":
            return !old.mounts.contains { mount in
                guard case .anonymousVolume = mount.source else { return false }
                return mount.target == name
            }
        default: return true
        }
    }
}
