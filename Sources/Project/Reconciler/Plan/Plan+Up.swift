package import Compose
import OrderedCollections

extension Plan {
    /// What makes the machine as the file says: networks and volumes, then containers in the order
    /// of their dependencies. A container is recreated exactly when its spec differs or a flag asks.
    ///
    /// With `oneOff`, whose service `project` has as it asks, that container is made, and not
    /// started; the service's own containers are left alone.
    ///
    /// Nothing running is stopped before what its successor depends on is as it should be. Services
    /// whose image is missing from `images` get steps without a spec: see `isComplete`.
    /// - Throws: every problem that can be found without touching anything.
    package static func up(
        _ project: Project,
        observed: Observed,
        images: KnownImages,
        options: UpOptions = UpOptions(),
        oneOff: OneOff? = nil,
        files: any FileReader = LocalFiles()
    ) throws(ReconcilerError) -> Plan {
        let selection = try ServiceSelection(
            of: options.services,
            withDependencies: options.withDependencies,
            in: project
        )
        var builder = UpPlan(
            project: project,
            observed: observed,
            images: images,
            options: options,
            selection: selection,
            files: files
        )
        builder.oneOff = oneOff
        try builder.prepare()
        builder.addNetworks()
        builder.addVolumes()
        for service in selection.services.values { try builder.addContainers(of: service) }
        builder.addOrphans()
        builder.addHaltedOthers()
        if options.waits, options.starts { builder.addFinalWaits() }
        let vain = builder.waitsInVain()
        guard vain.isEmpty else { throw ReconcilerError(vain) }
        return builder.plan
    }
}
