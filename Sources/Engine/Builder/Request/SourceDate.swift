import OCI
import TextForms

/// `SOURCE_DATE_EPOCH`: the time that an image says it was made at, so that it is the same whenever it
/// is made.
struct SourceDate {
    /// Seconds since 1970.
    let seconds: Int

    /// The build argument of that name; nil without one.
    init?(of request: BuildRequest) throws {
        guard let text = request.arguments["SOURCE_DATE_EPOCH"], !text.isEmpty else { return nil }
        guard let seconds = Int(text), seconds >= 0, seconds < 1 << 33 else {
            throw BuildError(
                file: request.name ?? "build",
                message: "SOURCE_DATE_EPOCH is \"\(text)\": write whole seconds since 1970, "
                    + "as $(git log -1 --format=%ct) gives them"
            )
        }
        self.seconds = seconds
    }

    /// As documents write it.
    var text: String { RFC3339.text(nanoseconds: Int64(seconds) * 1_000_000_000) }

    /// Makes the times of a configuration this one: that of the image, and those of its history
    /// that are later or missing.
    func apply(to configuration: inout ImageConfiguration) {
        configuration.created = text
        for index in configuration.history.indices {
            let created = configuration.history[index].created.flatMap { RFC3339.parse($0) }
            if let created, created <= Int64(seconds) * 1_000_000_000 { continue }
            configuration.history[index].created = text
        }
    }
}
