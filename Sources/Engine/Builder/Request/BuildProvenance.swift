package import OCI

/// What a statement about where an image comes from shall say (`--provenance`).
package struct BuildProvenance: Hashable, Sendable {
    /// With arguments, labels and the Dockerfile's text, which may be nobody else's business.
    package var isWhole = false
    /// Who answers for the build: an address; none where nobody says.
    package var builderID = ""
    /// The user says that the build gives the same every time.
    package var isReproducible = false

    /// What the image is called in it; none for the names that it is recorded under.
    package var names: [ImageReference] = []

    /// What is asked of one may be wrong.
    package struct Invalid: Error, CustomStringConvertible {
        /// What is wrong with it.
        package let description: String
    }

    /// Says the least.
    package init() {}

    /// `true`, `false`, or `key=value` with commas, as buildx reads it. nil for none.
    package init?(parsing text: String) throws(Invalid) {
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
            let (key, value) = (parts[0].lowercased(), parts.count == 2 ? parts[1] : nil)
            switch (key, value) {
            case ("true", nil), ("1", nil), ("mode", "min"), ("version", "v0.2"): continue
            case ("false", nil), ("0", nil): return nil
            case ("mode", "max"): isWhole = true
            case ("builder-id", let value?): builderID = value
            case ("reproducible", _): isReproducible = try Self.flag(key, value)
            case ("disabled", _): if try Self.flag(key, value) { return nil }
            case ("mode", _): throw Invalid(description: "mode is min or max")
            case ("version", _):
                throw Invalid(description: "statements are of SLSA v0.2; leave version out")
            case ("inline-only", _):
                if try Self.flag(key, value) {
                    throw Invalid(description: "inline-only is not known; leave it out")
                }
            default:
                throw Invalid(
                    description: "\(field): it can be true, false, mode=min|max, builder-id=, "
                        + "reproducible="
                )
            }
        }
    }

    private static func flag(_ key: String, _ value: String?) throws(Invalid) -> Bool {
        switch value?.lowercased() {
        case nil, "true", "1", "t": true
        case "false", "0", "f": false
        default: throw Invalid(description: "\(key) is true or false")
        }
    }
}
