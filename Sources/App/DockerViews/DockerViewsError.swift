/// Why something cannot be shown or chosen as asked, in docker's words.
package struct DockerViewsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Who refuses: doors answer each kind in their own way.
    package var kind: Kind
    package var description: String

    /// What is wrong.
    package enum Kind: Hashable, Sendable {
        /// An option's value cannot be read: docker's command line refuses it, with code 125.
        case usage
        /// It can be read and asks for what there is not: docker's engine refuses it.
        case refused
        /// A template is malformed, or asks for a field that there is not, or a time is none: docker's
        /// command line says so, with code 1.
        case template
    }

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
