import Foundation

/// The programs of this build.
package enum Products {
    /// Where they are: `BERTH_PRODUCTS`, or beside the test bundle, whose path the runner names.
    package static let folder: String = {
        if let named = ProcessInfo.processInfo.environment["BERTH_PRODUCTS"] { return named }
        let folders = CommandLine.arguments.map {
            URL(filePath: $0).resolvingSymlinksInPath().deletingLastPathComponent().path()
        }
        let isFolder = { FileManager.default.isExecutableFile(atPath: $0 + "/berth-keeper") }
        return folders.first(where: isFolder) ?? ".build/debug"
    }()

    /// The path of one.
    package static func path(_ name: String) -> String { folder + "/" + name }

    /// The keeper of containers, which a test of another build of it names: `BERTH_KEEPER`.
    package static let keeper =
        ProcessInfo.processInfo.environment["BERTH_KEEPER"] ?? path("berth-keeper")
}
