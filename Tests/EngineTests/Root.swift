import Glibc
import Testing

extension Tag {
    /// Needs root and a real kernel.
    @Tag static var root: Self
}

let isRoot = geteuid() == 0
