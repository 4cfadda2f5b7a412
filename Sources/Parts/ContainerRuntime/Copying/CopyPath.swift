import SystemPackage

/// A path as `cp` reads it: what is at its end says what is meant.
package struct CopyPath: Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// `dir/` and `dir/.`: a folder, or a link to one.
    package let namesFolder: Bool
    /// `dir/.`: what is in the folder.
    package let namesContents: Bool

    /// Takes what was written, which is not empty.
    package init(_ text: String) {
        self.text = text
        let last = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        namesContents = ["", ".", ".."].contains(FilePath(text).lastName)
        namesFolder = last.isEmpty || namesContents
    }

    /// Without what stands at the end.
    var path: FilePath {
        var path = FilePath(text)
        while path.lastComponent?.kind == .currentDirectory, path.components.count > 1 {
            path.removeLastComponent()
        }
        return path
    }

    /// What a copy is called where nothing else is said.
    var name: FilePath.Component? {
        namesContents ? nil : path.lastComponent
    }
}

extension FilePath {
    /// The last component; empty for the root.
    fileprivate var lastName: String { lastComponent?.string ?? "" }
}
