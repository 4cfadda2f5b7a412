import Glibc
package import Testing

extension Tag {
    /// Needs root and a real kernel.
    @Tag package static var root: Self
}

/// Whether tests that need root can run here.
package let isRoot = geteuid() == 0
