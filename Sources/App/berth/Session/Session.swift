import Engine
import Glibc
import ImageStore
import Logging
import SystemPackage

/// What every command that touches the machine works with: the records and the paths.
struct Session: Sendable {
    let engine: Engine
    let logger: Logger

    var layout: Layout { engine.layout }

    /// Opens the state folder that the environment names.
    static func open(logLevel: Logger.Level = .warning) throws -> Session {
        guard Machine.isRoot else {
            throw Failure(
                "berth needs root for namespaces, mounts and networks; run it with sudo"
            )
        }
        var logger = Logger(label: "berth", factory: { _ in MessageLog() })
        logger.logLevel =
            Machine.environment()["BERTH_LOG"].flatMap(Logger.Level.init(rawValue:)) ?? logLevel
        try Layout.checkWays(environment: Machine.environment())
        let engine = try Engine.open(
            Layout.ofMachine(),
            keeper: Programs.keeper(),
            unpacking: .confined(Programs.unpacker(logger: logger)),
            limits: UnpackLimits(environment: Machine.environment()),
            logger: logger
        )
        return Session(engine: engine, logger: logger)
    }
}

extension Layout {
    /// What BERTH_ROOT and BERTH_RUN say, else the machine's own.
    static func ofMachine() -> Layout { Layout(environment: Machine.environment()) }
}
