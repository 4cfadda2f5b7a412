import TextForms

/// compose-spec `pull_policy`: when an image is fetched.
package enum PullPolicy: Hashable, Sendable, CodableAsText {
    case always, never, missing, build
    /// Where what is here is older than this; nil leaves it to `pull_refresh_after`.
    case refresh(every: Duration?)

    /// compose-spec `kind_of_text`.
    package static let kindOfText = "pull policy"

    static let words = [
        "always", "never", "missing", "if_not_present", "build", "refresh", "daily", "weekly",
    ]

    /// Reads a word of the specification, or `every_` and a time span.
    package init?(_ text: String) {
        switch text {
        case "always": self = .always
        case "never": self = .never
        case "missing", "if_not_present": self = .missing
        case "build": self = .build
        case "refresh": self = .refresh(every: nil)
        case "daily": self = .refresh(every: .seconds(86400))
        case "weekly": self = .refresh(every: .seconds(7 * 86400))
        default:
            guard text.hasPrefix("every_"), let span = Self.span(text.dropFirst(6)) else {
                return nil
            }
            self = .refresh(every: span)
        }
    }

    /// Numbers, each with a unit: `1w2d`.
    private static func span(_ text: Substring) -> Duration? {
        let isSpan = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || "wdhms".utf8.contains($0)
        }
        guard isSpan else { return nil }
        return GoDuration.parse(text, units: .daysAndWeeks).map { Duration.nanoseconds($0) }
    }

    /// What was likely meant by a text that is none; nil where nothing is near.
    static func hint(_ text: String) -> String? { suggestion(for: text, among: words) }

    /// compose-spec `description`.
    package var description: String {
        switch self {
        case .always: "always"
        case .never: "never"
        case .missing: "missing"
        case .build: "build"
        case .refresh(nil): "refresh"
        case .refresh(let span?): "every_" + GoDuration.text(span)
        }
    }
}
