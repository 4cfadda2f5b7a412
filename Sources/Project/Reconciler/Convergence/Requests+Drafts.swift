import ContainerRuntime
import Engine
import OCI

extension ContainerRequest {
    /// nil while it is not known what will run.
    init?(_ draft: ContainerDraft, project: String) {
        guard let spec = draft.spec else { return nil }
        self.init(name: draft.name, spec: spec)
        self.project = project
        service = draft.service
        number = draft.number
        labels = draft.labels
        labels[ComposeLabels.image] = spec.image.description
    }
}

extension NetworkRequest {
    init(_ draft: NetworkDraft, project: String) {
        self.init(name: draft.name)
        self.project = project
        key = draft.labels[ComposeLabels.network]
        isInternal = draft.isInternal
        subnet = draft.subnet
        gateway = draft.gateway
        ipRange = draft.ipRange
        labels = draft.labels
    }
}

extension VolumeRequest {
    init(_ draft: VolumeDraft, project: String) throws(ReconcilerError) {
        guard draft.driver == "local", draft.driverOptions.isEmpty else {
            throw ReconcilerError(
                "volume \(draft.name)",
                "drivers and their options are not supported yet",
                remedy: "leave `driver` and `driver_opts` out"
            )
        }
        self.init(name: draft.name)
        self.project = project
        key = draft.labels[ComposeLabels.volume]
        labels = draft.labels
    }
}
