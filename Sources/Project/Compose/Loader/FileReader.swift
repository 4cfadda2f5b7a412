/// The files a load may look at: the machine's, or a dictionary in a test.
package protocol FileReader: Sendable {
    /// What is at an absolute path; nil when nothing is.
    func kind(of path: String) -> FileKind?
    /// The whole content. `-` is standard input.
    /// - Throws: `FileReadError` with the reason in words.
    func read(_ path: String) throws(FileReadError) -> [UInt8]
    /// What is in a folder, in any order; empty where there is no such folder.
    func names(in folder: String) -> [String]
    /// The compose file of this machine that an artifact of a registry was put into, by the words of
    /// the file or the command line that name it (`oci://…`); nil where it was not fetched yet.
    func place(ofArtifact reference: String) -> String?
    /// Home directory of a user by name; nil when there is no such user.
    func homeDirectory(ofUser name: String) -> String?
}

extension FileReader {
    /// Of readers that know single files alone.
    package func names(in folder: String) -> [String] { [] }

    /// Of readers that fetch nothing.
    package func place(ofArtifact reference: String) -> String? { nil }
}

/// What is at a path, symbolic links followed.
package enum FileKind: Sendable {
    case file, directory, other
}

/// Why a file could not be read, in words: `no such file or directory`.
package struct FileReadError: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}
