import CLinux
import Glibc
package import Linux
import SystemPackage

/// A container whose init waits until it may execute its program.
///
/// One that is neither started nor aborted ends when this object does.
package final class CreatedContainer: Sendable {
    package let id: ContainerID
    package let name: String
    /// For printing and for `/proc`; the init cannot be replaced while this object lives.
    package let initPID: Int32
    /// Its network namespace; nil with the host's network.
    package let netns: SharedFD?

    private let folder: ContainerFolder
    private let cgroups: Cgroups
    private let keeper: KeeperProcess
    private let initProcess: ProcessFD
    private let words: StageWords
    private let warnings: [String]

    /// Waits until the keeper has made the namespaces.
    init(_ launched: LaunchedContainer) async throws {
        id = launched.id
        name = launched.name
        folder = launched.folder
        cgroups = launched.cgroups
        keeper = launched.keeper
        words = launched.words
        let (pid, warnings) = try await Self.waitForNamespaces(launched)
        self.warnings = launched.warnings + warnings
        initPID = pid
        do {
            initProcess = try ChildProcess.open(pid, of: launched.keeper.process)
            netns = launched.hasOwnNetwork ? try ChildProcess.netns(of: initProcess) : nil
        } catch {
            // Gone already: its keeper says why.
            throw try await Self.causeOfDeath(launched)
        }
    }

    /// Says that the network is ready and waits until the program was executed.
    ///
    /// When that fails nothing is left, and the error names the stage.
    package func start() async throws -> RunningContainer {
        // Nobody hears it where the init has ended: its keeper's report, which is next, says why.
        _ = try await keeper.send(.go)
        var warnings = warnings
        while let event = try await keeper.nextEvent() {
            switch KeeperEventKind(rawValue: event.kind) {
            case .warning: warnings.append(words.warning(event))
            case .failed: throw words.failure(event)
            case .started:
                return RunningContainer(
                    id: id,
                    name: name,
                    folder: folder,
                    cgroups: cgroups,
                    keeper: keeper.process,
                    initProcess: initProcess,
                    initPID: initPID,
                    startedAtNanoseconds: event.value,
                    warnings: warnings
                )
            case .created, .executing, .exited, nil: break
            }
        }
        throw RuntimeError(container: name, message: "its keeper was killed while it started")
    }

    /// Ends it instead; nothing is left.
    package func abort() async {
        // `try?`: what cannot be signalled or awaited is gone already.
        _ = try? initProcess.signal(SIGKILL)
        try? await keeper.process.waitForExit()
    }

    private static func waitForNamespaces(
        _ launched: LaunchedContainer
    ) async throws -> (Int32, [String]) {
        var warnings: [String] = []
        while let event = try await launched.keeper.nextEvent() {
            switch KeeperEventKind(rawValue: event.kind) {
            case .created: return (Int32(truncatingIfNeeded: event.value), warnings)
            case .failed: throw launched.words.failure(event)
            case .warning: warnings.append(launched.words.warning(event))
            case .executing, .started, .exited, nil: break
            }
        }
        throw RuntimeError(
            container: launched.name,
            message: "its keeper was killed while it started"
        )
    }

    private static func causeOfDeath(_ launched: LaunchedContainer) async throws -> RuntimeError {
        while let event = try await launched.keeper.nextEvent() {
            if event.kind == KeeperEventKind.failed.rawValue {
                return launched.words.failure(event)
            }
        }
        return RuntimeError(container: launched.name, message: "it was killed while it started")
    }
}

/// A keeper that was started, and what is needed to understand it.
struct LaunchedContainer: Sendable {
    var id: ContainerID
    var name: String
    var folder: ContainerFolder
    var cgroups: Cgroups
    var keeper: KeeperProcess
    var words: StageWords
    var hasOwnNetwork: Bool
    var warnings: [String]
}
