package import Compose
package import ContainerRuntime
package import OCI
import OrderedCollections

extension Service {
    /// The platform whose image it runs; nil where nothing is asked for.
    /// - Throws: where that is no platform, at the attribute's place.
    package func imagePlatform() throws(ReconcilerError) -> Platform? {
        guard let platform, !platform.isEmpty else { return nil }
        do throws(OCIError) { return try Platform(platform) } catch {
            throw ReconcilerError(subject, "\(error)", at: place)
        }
    }

    private var subject: String { "service \"\(name)\"" }
    private var place: String { "services.\(name).platform" }

    fileprivate func checkPlatform(_ machine: RunnablePlatforms) throws(ReconcilerError) {
        guard let platform = try imagePlatform(),
            case .refused(let reason) = machine.answer(platform)
        else { return }
        throw ReconcilerError(subject, "programs of \(platform) cannot run: \(reason)", at: place)
    }
}

extension Project {
    /// Refuses a service whose programs this machine cannot run.
    package func checkPlatforms(
        _ machine: @autoclosure () -> RunnablePlatforms = RunnablePlatforms()
    ) throws(ReconcilerError) {
        let asked = services.values.filter { $0.platform?.isEmpty == false }
        guard !asked.isEmpty else { return }
        let machine = machine()
        for service in asked { try service.checkPlatform(machine) }
    }

    /// The platforms that services want an image for. nil, for one that asks for none, is the last: then
    /// the name leads to the machine's own.
    package func platforms(ofImage reference: String) throws(ReconcilerError) -> [Platform?] {
        var platforms: [Platform?] = []
        for service in Array(services.values) + Array(disabledServices.values)
        where service.imageReference(in: self) == reference {
            let platform = try service.imagePlatform()
            if !platforms.contains(platform) { platforms.append(platform) }
        }
        return platforms.isEmpty ? [nil] : platforms.sorted { $0 != nil && $1 == nil }
    }
}
