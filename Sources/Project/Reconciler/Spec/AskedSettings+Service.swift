import Compose
import ContainerRuntime
import KernelNames
import OCI
import OrderedCollections

extension AskedSettings {
    /// What a service, or else its image, says.
    init(of service: Service, image: ServiceImage, network: NetworkMode) {
        self.init()
        let defaults = image.defaults
        entrypointCount = (service.entrypoint ?? defaults.entrypoint ?? []).count
        environment = Array(service.environment.keys)
        workingDirectory = service.workingDirectory ?? defaults.workingDirectory
        stopSignal = service.stopSignal.map(\.name) ?? defaults.stopSignal ?? ""
        stopTimeout = service.stopGracePeriod?.components.seconds
        users = service.namespaces.usernsMode
        switch network {
        case .none: self.network = "none"
        case .attached(let networks): self.network = networks.first?.network
        case .host, .container: break
        }
        if case .none? = service.healthcheck?.test { disablesHealthcheck = true }
    }
}
