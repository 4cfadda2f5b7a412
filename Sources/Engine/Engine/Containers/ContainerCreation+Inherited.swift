import ContainerRuntime
import GRDB
import OCI

extension ContainerCreation.Prepared {
    /// With the mounts of the containers that it has mounts of, as they are now.
    /// - Throws: `EngineError` where one of them is not there.
    func inheriting(_ db: Database) throws -> Self {
        guard let sources = request.spec.volumesFrom else { return self }
        var prepared = self
        prepared.request.spec.volumesFrom = try sources.map { source in
            var source = source
            source.mounts = try mounts(of: source, db)
            return source
        }
        prepared.specJSON = try SpecHash.canonicalJSON(prepared.request.spec)
        prepared.specHash = try SpecHash.hash(of: prepared.request.spec)
        return prepared
    }

    private func mounts(of source: InheritedMounts, _ db: Database) throws -> [MountSpec] {
        guard let row = try db.row("SELECT * FROM containers WHERE name = ?", [source.container])
        else {
            throw EngineError(
                .notFound,
                attempt,
                because: "there is no container `\(source.container)`, whose mounts it is to have",
                remedy: "create that one first"
            )
        }
        let other = try ContainerRecord(row: row)
        let spec = try other.spec
        let uses = try db.rows("SELECT * FROM volumeUses WHERE container = ?", [other.id.text])
            .map(VolumeUse.init(row:))
        let volumes = Dictionary(uses.map { ($0.target, $0.volume) }) { $1 }
        return (spec.mounts + spec.inheritedMounts).compactMap { mount in
            var mount = mount
            mount.readOnly = mount.readOnly || source.readOnly
            switch mount.source {
            case .bind, .image: return mount
            case .volume(let name, _):
                mount.source = .volume(name: name, copiesImageContent: false)
                return mount
            case .anonymousVolume:
                guard let name = volumes[mount.target] else { return nil }
                mount.source = .volume(name: name, copiesImageContent: false)
                return mount
            // Its memory, configs and secrets are its own.
            case .tmpfs, .given: return nil
            }
        }
    }
}
