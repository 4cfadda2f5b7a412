package import Builder
import Linux
package import OCI
import SystemPackage

extension Engine {
    /// Writes down of what an image was built that has this name now.
    package func note(_ inputs: BuildInputs, of image: Digest, named name: ImageReference) throws {
        let folder = layout.buildInputs
        try Layout.make(folder)
        _ = try removeAbandonedWrites(in: folder)
        try inputs.write(of: image.description, to: layout.buildInputs(name.description))
    }

    /// Of what an image with this name was built; nil where that is not known: it came from elsewhere.
    package func buildInputs(of image: Digest, named name: ImageReference) throws -> BuildInputs? {
        try BuildInputs.read(of: image.description, from: layout.buildInputs(name.description))
    }
}
