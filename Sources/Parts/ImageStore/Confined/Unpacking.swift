package import SystemPackage

/// Where layers are unpacked.
package enum Unpacking: Sendable {
    /// In this process, with everything it may do. For tests of what layers become.
    case inProcess
    /// In a child that has confined itself before it reads the first byte.
    case confined(UnpackerProgram)
}

/// The program that unpacks: ours, told to call `ConfinedUnpacker.run`.
package struct UnpackerProgram: Sendable {
    package var path: FilePath
    /// What comes before the request; the program's name first.
    package var arguments: [String]
    /// Called with what this kernel lacks for the confinement, in words.
    package var lacks: @Sendable ([String]) -> Void

    package init(
        path: FilePath,
        arguments: [String],
        lacks: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.path = path
        self.arguments = arguments
        self.lacks = lacks
    }
}
