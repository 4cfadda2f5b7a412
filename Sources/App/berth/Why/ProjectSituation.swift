import Compose
import ContainerRuntime
import Engine
import Reconciler

/// All that `berth why` goes by, as it was found: the file, the records, the kernel, and the plan.
struct ProjectSituation: Sendable {
    /// The project's name.
    var name: String
    /// Every service of the file, also those that no active profile lets in.
    var services: [String: Service] = [:]
    /// Services that no active profile lets in.
    var disabled: Set<String> = []
    /// By service; one-off containers are left out.
    var containers: [String: [Container]] = [:]
    /// By service, those in which a hook runs or has failed before its start.
    var hooks: [String: [Container]] = [:]
    /// What is wrong with the file, so that nothing of it can be brought up.
    var fileProblems: [String] = []

    /// A container, with what it and its health check said last.
    struct Container: Sendable {
        var record: ContainerRecord
        /// nil for one that nobody can read.
        var spec: ContainerSpec?
        var health: HealthLog?
        /// The last lines that it wrote, safe for a terminal.
        var lines: [String] = []
    }

    /// What would become of one service, and what is in its way.
    struct Outlook: Sendable {
        /// nil where none could be made; `obstacles` then say why.
        var plan: Plan?
        /// Why no plan can be made or carried out: sources that are missing, images, externals.
        var obstacles: [String] = []
        /// Ports of the host that it wants and that somebody else has.
        var heldPorts: [String] = []
    }

    /// By service that was asked about.
    var outlooks: [String: Outlook] = [:]
}
