import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB

/// A change of the records that a plan is about to make.
package enum RecordChange: Sendable {
    case createNetwork(NetworkRequest)
    case replaceNetwork(NetworkRequest)
    case createVolume(VolumeRequest)
    case createContainer(ContainerRequest)
    case replaceContainer(ContainerID, ContainerRequest, renewsVolumes: Bool)
    case removeContainer(ContainerID)
    case removeVolume(String)
    /// What a start does to a container whose network was taken away, or replaced.
    case connect(ContainerID)
}

extension Engine {
    /// Makes changes one after the other, as if the containers `stopping` did not run any more, and
    /// takes all of them back. So what cannot be made (an address outside of its network, a name that
    /// somebody has, an image that is gone, a full disk) is found while everything still runs.
    ///
    /// Throws what making them would throw; `explaining` may put that into better words.
    package func rehearse(
        _ changes: [RecordChange],
        stopping: Set<ContainerID>,
        explaining: @escaping @Sendable (RecordChange, EngineError) -> any Error = { $1 }
    ) async throws {
        guard !changes.isEmpty else { return }
        try checkRoom()
        let prepared = try changes.map(Prepared.init)
        let families = prepared.reduce(into: Set<IPFamily>()) { $0.formUnion($1.familiesOfNetwork) }
        let hostRoutes = families.isEmpty ? [] : try await kernel.hostRoutes(families)
        let asksForAddresses = prepared.contains(where: \.asksForAddresses)
        let pools = try asksForAddresses ? AddressPools.ofMachine() : AddressPools()
        let stateFolder = kernel.stateFolder
        try await store.write { db in
            try db.inSavepoint {
                var creation = ContainerCreation()
                for (asked, change) in zip(changes, prepared) {
                    do {
                        if case .container(let container, replaces: nil, _) = change {
                            _ = try creation.create(container, db)
                        } else {
                            try change.make(
                                stopping: stopping,
                                hostRoutes: hostRoutes,
                                pools: pools,
                                stateFolder: stateFolder,
                                db
                            )
                            // It may have taken or freed addresses.
                            creation = ContainerCreation()
                        }
                    } catch let error as EngineError {
                        throw explaining(asked, error)
                    }
                }
                return .rollback
            }
        }
    }
}

/// A change, checked and made ready before the transaction.
private enum Prepared: Sendable {
    case network(WantedNetwork, replaces: String?)
    case volume(VolumeRequest)
    case container(ContainerCreation.Prepared, replaces: ContainerID?, renewsVolumes: Bool)
    case removal(ContainerID)
    case volumeRemoval(String)
    case connection(ContainerID)

    init(_ change: RecordChange) throws {
        switch change {
        case .createNetwork(let request):
            self = .network(try WantedNetwork(request), replaces: nil)
        case .replaceNetwork(let request):
            self = .network(try WantedNetwork(request), replaces: request.name)
        case .createVolume(let request):
            try Engine.check(request)
            self = .volume(request)
        case .createContainer(let request):
            self = .container(try .init(request), replaces: nil, renewsVolumes: false)
        case .replaceContainer(let old, let request, let renewsVolumes):
            self = .container(try .init(request), replaces: old, renewsVolumes: renewsVolumes)
        case .removeContainer(let id): self = .removal(id)
        case .removeVolume(let name): self = .volumeRemoval(name)
        case .connect(let id): self = .connection(id)
        }
    }

    /// Of which a network that is made has addresses.
    var familiesOfNetwork: Set<IPFamily> {
        if case .network(let wanted, _) = self { wanted.families } else { [] }
    }

    /// Whether a network is made that gets addresses from the pools.
    var asksForAddresses: Bool {
        if case .network(let wanted, _) = self { wanted.asksForAddresses } else { false }
    }

    func make(
        stopping: Set<ContainerID>,
        hostRoutes: [IPSubnet],
        pools: AddressPools,
        stateFolder: String,
        _ db: Database
    ) throws {
        switch self {
        case .network(let wanted, let replaces):
            if let name = replaces, let former = try NetworkRecord.named(name, db) {
                try Engine.retire(former, for: wanted.attempt, .running(but: stopping), db)
            }
            _ = try wanted.insert(
                hostRoutes: hostRoutes,
                pools: pools,
                stateFolder: stateFolder,
                db
            )
        case .volume(let request): _ = try Engine.insertVolume(request, db)
        case .container(let prepared, let old, let renewsVolumes):
            if let old {
                _ = try Engine.replace(old, with: prepared, renewsVolumes, whileRunning: true, db)
            } else {
                var creation = ContainerCreation()
                _ = try creation.create(prepared, db)
            }
        case .removal(let id):
            try Engine.retire(id, withAnonymousVolumes: false, whileRunning: true, db)
        case .volumeRemoval(let name):
            // Those that are on their way out have let go of it by then.
            try db.execute(
                sql: """
                    DELETE FROM volumeUses
                    WHERE volume = ? AND container IN (SELECT id FROM containers WHERE isRemoving)
                    """,
                arguments: [name]
            )
            try Engine.unusedVolume(named: name, db)?.delete(db)
        case .connection(let id):
            guard let record = try ContainerRecord.find(id, db) else { return }
            var creation = ContainerCreation()
            let attempt = "cannot start container `\(record.name)`"
            try creation.connect(id, record.spec, for: attempt, db)
        }
    }
}
