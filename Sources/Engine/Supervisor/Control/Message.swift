package import ContainerRuntime
package import Engine
import FoundationEssentials

/// What travels over a project's `supervisor.sock`: one JSON value per line, both ways. Every
/// request has one reply with its number, in any order; events come to those who asked for them.
package enum ControlProtocol {
    /// Of both sides, checked with each request.
    package static let version = 1
    /// A longer line ends the connection.
    package static let maximumLineBytes = 1 << 20
}

extension ControlProtocol {
    /// A line with the newline that ends it.
    static func line(_ value: some Encodable) throws -> [UInt8] {
        var bytes = [UInt8](try JSONEncoder().encode(value))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    static func read<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(line))
        } catch {
            throw SupervisorError(
                .protocolViolation,
                "not a line of the supervisor's protocol: \(error)"
            )
        }
    }
}

/// A line from a client.
package struct Request: Codable, Equatable, Sendable {
    package var version = ControlProtocol.version
    /// Chosen by the client, unique among its open requests.
    package var number: UInt64
    package var verb: Verb

    /// What a client asks for.
    package enum Verb: Codable, Equatable, Sendable {
        case ping
        /// Answered when the container's program runs; one that runs already is a success.
        case start(container: ContainerID)
        /// As `start`, but its program begins when the client has said `attended`, and at the
        /// latest ten seconds after everything else is done.
        case startAttended(container: ContainerID)
        /// The client is attached to the container that it starts.
        case attended(container: ContainerID)
        /// Answered when nothing of it runs. nil grace is the container's own; zero kills at once.
        /// A nil signal is the container's own, too.
        case stop(container: ContainerID, graceMilliseconds: Int64?, signal: Int32? = nil)
        /// Makes a stop that is under way end sooner, if it would take longer than this; a container
        /// that is not being stopped is left alone. Answered at once.
        case hasten(container: ContainerID, graceMilliseconds: Int64?)
        case restart(container: ContainerID, graceMilliseconds: Int64?)
        /// Answered when the signal is sent, for SIGKILL when nothing of it runs.
        case kill(container: ContainerID, signal: Int32)
        /// Answered when its processes stand still.
        case pause(container: ContainerID)
        /// Answered when its processes go on.
        case unpause(container: ContainerID)
        /// The record of the container has changed: its name, its limits or its restart policy.
        /// Answered when what runs is as the record says.
        case update(container: ContainerID)
        /// Answered when the condition holds or cannot hold any more.
        case wait(container: ContainerID, until: WaitCondition)
        case status
        /// The record of a network is gone. Answered when nothing passes over it any more; what takes
        /// the kernel longer goes on after that.
        case cut(RetiredNetwork)
        /// Nothing of the project is left. Answered by `pong`; as it ends, the supervisor removes the
        /// project's locks and sockets, if that is still so.
        case forget
        /// From now on every `SupervisorEvent` is sent to this client.
        case watch
    }

    package init(number: UInt64, verb: Verb) {
        self.number = number
        self.verb = verb
    }
}

/// A line from the supervisor.
package enum ServerLine: Codable, Equatable, Sendable {
    case reply(number: UInt64, Reply)
    case event(SupervisorEvent)
}

/// The answer to one request.
package enum Reply: Codable, Equatable, Sendable {
    case done
    /// As `done`, of a start that this machine could not carry out in full: a sentence each.
    case started(warnings: [String])
    case pong(ProcessStatus)
    case status([LiveContainer])
    case waited(WaitOutcome)
    case failed(SupervisorError)
}

/// The supervisor itself.
package struct ProcessStatus: Codable, Equatable, Sendable {
    package var processID: Int32
    package var version: Int
    /// Containers that run or will run by themselves.
    package var containers: Int
    /// Connected clients, the asking one too.
    package var clients: Int
    /// Whose records it works with; earlier versions do not say.
    package var stateFolder: String?
}

/// One container as the supervisor sees it; one that neither runs nor will is not there.
package struct LiveContainer: Codable, Equatable, Sendable {
    package var container: ContainerID
    package var name: String
    package var state: State
    package var health: ContainerRecord.Health?
    package var restarts: Int
    /// The process that keeps it; nil while none runs.
    package var keeperID: Int32?

    /// What a container is doing, as clients are told.
    package enum State: Codable, Equatable, Sendable {
        case starting
        case running(processID: Int32)
        case stopping
        /// Ended with the code, waits to be started again.
        case waiting(code: Int32)
    }
}

/// What happened to a container; also recorded as an event of the engine.
package struct SupervisorEvent: Codable, Equatable, Sendable {
    package var container: ContainerID
    package var name: String
    package var kind: Kind

    /// What happened to it.
    package enum Kind: Codable, Equatable, Sendable {
        case started
        case exited(code: Int32, restarting: Bool)
        case health(ContainerRecord.Health)
        /// A start by the restart policy failed, and why.
        case failed(String)
    }
}

/// A refusal or failure of the supervisor, in words that name the container.
package struct SupervisorError: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    package var kind: Kind
    package var description: String
    /// Docker's code of a program that could not be started (`RuntimeError.exitCode`).
    package var exitCode: Int32?

    /// Why it was refused or failed.
    package enum Kind: String, Codable, Hashable, Sendable {
        case unknownContainer
        /// `kill` or `pause` of one that does not run.
        case notRunning
        /// `pause` of one that is paused, `unpause` of one that is not, `start` of one that is.
        case paused
        case startFailed
        /// A `start` was overtaken by a `stop`.
        case stopped
        case busy
        case unreachable
        case protocolViolation
    }

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
