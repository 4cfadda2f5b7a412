import Compose
import OCI
import OrderedCollections

extension LoadedProject {
    /// docker compose's hash of a service; nil for one that does not take part.
    func configHash(ofService name: String) -> String? {
        hashedForm(ofService: name).map { Digest.of($0).hex }
    }

    /// Gives every service the hash that its containers are labelled with.
    mutating func setConfigHashes() {
        for name in project.services.keys {
            let hash = configHash(ofService: name)
            project.services[name]?.configHash = hash
        }
    }
}
