/// What a build gives, while it is brought to where it is wanted.
package struct BuiltImage: Sendable {
    /// As it is, or would be, recorded.
    package var image: ImageRecord
    /// `SOURCE_DATE_EPOCH`, in seconds since 1970.
    package var sourceDateSeconds: Int?
}
