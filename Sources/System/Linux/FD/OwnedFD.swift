import Glibc

/// An open descriptor with one owner, closed when the owner ends.
package struct OwnedFD: ~Copyable, Sendable {
    private let number: CInt

    /// Takes an open descriptor that nobody else will close.
    package init(taking number: CInt) { self.number = number }

    deinit { _ = close(number) }

    /// Lends the number for one call; storing it outlives its owner.
    package borrowing func with<R: ~Copyable, E: Error>(_ body: (CInt) throws(E) -> R) throws(E)
        -> R
    {
        try body(number)
    }

    /// Gives the number away; the taker closes it.
    package consuming func release() -> CInt {
        let number = number
        discard self
        return number
    }
}

/// An `OwnedFD` that several may hold, or that lives in a collection.
package final class SharedFD: Sendable {
    private let fd: OwnedFD

    package init(_ fd: consuming OwnedFD) { self.fd = fd }

    /// Lends the number for one call.
    package func with<R: ~Copyable, E: Error>(_ body: (CInt) throws(E) -> R) throws(E) -> R {
        try fd.with(body)
    }
}
