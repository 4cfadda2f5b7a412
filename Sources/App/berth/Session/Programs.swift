import Engine
import Glibc
import ImageStore
import Linux
import Logging
import Supervisor
import SystemPackage

/// Where the programs that belong together are.
enum Programs {
    /// This program, by an absolute path that outlives a change of directory.
    static func berth() throws -> FilePath { FilePath(try Machine.executable()) }

    /// How a supervisor is started: this program, with the environment that leads it to the same
    /// state and keeper again.
    static func supervisor() throws -> SupervisorCommand {
        let kept = ["PATH", "BERTH_KEEPER", "BERTH_LOG"] + CrashPoint.inheritedVariables
        let ours = Machine.environment()
        let layout = Layout.ofMachine()
        return SupervisorCommand(
            program: try berth(),
            environment: kept.compactMap { name in ours[name].map { "\(name)=\($0)" } }
                // Whole: it works in another directory.
                + ["BERTH_ROOT=\(layout.root)", "BERTH_RUN=\(layout.run)"]
        )
    }

    /// What unpacks layers: this program, which `Berth.main` then makes the unpacker.
    static func unpacker(logger: Logger) throws -> UnpackerProgram {
        UnpackerProgram(path: try berth(), arguments: ["berth", unpackerWord]) { lacks in
            for lack in lacks {
                logger.warning("the unpacker of layers is confined less than it could be: \(lack)")
            }
        }
    }

    /// The first argument of an unpacker.
    static let unpackerWord = "unpack-layer"

    /// The keeper: BERTH_KEEPER, beside this program, or where `make install` puts it.
    static func keeper() throws -> FilePath {
        if let named = Machine.environment()["BERTH_KEEPER"], !named.isEmpty {
            return FilePath(named)
        }
        let folder = try berth().removingLastComponent()
        let candidates = [
            folder.appending("berth-keeper"),
            folder.removingLastComponent().pushing("libexec/berth/berth-keeper"),
        ]
        for candidate in candidates where access(candidate.string, X_OK) == 0 { return candidate }
        let places = candidates.map(\.string).joined(separator: " nor ")
        throw Failure("cannot find berth-keeper: neither \(places); run make install again")
    }
}
