package import ContainerRuntime
import FoundationEssentials
package import OCI

/// The one rendering of a `ContainerSpec` that hashes are taken over.
package enum SpecHash {
    /// Canonical JSON: keys sorted, no spaces, slashes as they are.
    package static func canonicalJSON(_ spec: ContainerSpec) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(spec), as: UTF8.self)
    }

    /// SHA-256 over the canonical JSON of what changes what the container is.
    package static func hash(of spec: ContainerSpec) throws -> Digest {
        var spec = spec
        spec.asked = nil
        return Digest.of(Array(try canonicalJSON(spec).utf8))
    }

    static func decode(_ json: String, of name: String) throws -> ContainerSpec {
        do {
            return try JSONDecoder().decode(ContainerSpec.self, from: Data(text: json))
        } catch {
            throw EngineError(
                .state,
                "cannot read the record of container `\(name)`",
                because: "\(error)",
                remedy: "`berth up --force-recreate` recreates it"
            )
        }
    }
}
