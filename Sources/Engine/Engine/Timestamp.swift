import Linux
import TextForms

/// A moment of the wall clock, in nanoseconds since 1970 UTC.
package struct Timestamp: Hashable, Comparable, Codable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The present, from `CLOCK_REALTIME`.
    package static func now() -> Timestamp {
        Timestamp(nanoseconds: wallClockNanoseconds())
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with nine digits of fraction, as Docker's logs have it.
    package var description: String { RFC3339.text(nanoseconds: nanoseconds) }

    /// Reads RFC 3339 with any number of fraction digits; `Z` or an offset. nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard let nanoseconds = RFC3339.parse(text) else { return nil }
        self.init(nanoseconds: nanoseconds)
    }
}
