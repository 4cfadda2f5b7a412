import Compose
import ContainerRuntime
import OrderedCollections

extension HookSpecs {
    /// nil where a service has none: most specs do not say it.
    init?(of service: Service) {
        guard !(service.preStart + service.postStart + service.preStop).isEmpty else { return nil }
        self.init()
        if !service.preStart.isEmpty {
            preStart = service.preStart.map { hook in
                PreStartSpec(HookSpec(of: hook), image: hook.image, perReplica: hook.perReplica)
            }
        }
        postStart = service.postStart.map(HookSpec.init(of:))
        preStop = service.preStop.map(HookSpec.init(of:))
    }
}

extension HookSpec {
    init(of hook: Hook) {
        self.init(arguments: hook.command)
        environment = hook.environment.map { name, value in value.map { "\(name)=\($0)" } ?? name }
        user = hook.user
        workingDirectory = hook.workingDirectory
        privilege = hook.privileged ? .full : nil
    }
}
