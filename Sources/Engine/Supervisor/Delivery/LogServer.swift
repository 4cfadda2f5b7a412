import ContainerRuntime
import Engine
import Glibc
import Linux

/// Whether the server of a log driver is there when a container starts: like docker, we start none
/// whose lines have nowhere to go. A server that goes away later is waited for (`LogDelivering`).
enum LogServer {
    /// A connection to a server that is connected to; nil for others, and where the driver was told
    /// not to wait (`fluentd-async`).
    /// - Throws: docker's words for one that does not answer.
    static func open(_ delivery: LogDelivery) async throws -> LogSink? {
        guard let address = delivery.address, delivery.isAsynchronous != true else { return nil }
        let endpoint: String
        let dialling: String
        switch address {
        case .tcp:
            endpoint = String("\(address)".dropFirst("tcp://".count))
            dialling = "dial tcp \(endpoint)"
        case .unix(let path):
            endpoint = path
            dialling = "dial unix \(path)"
        case .udp, .unixgram: return nil
        }
        let reason: String
        do {
            return try await LogSink.connect(address)
        } catch let error as CancellationError {
            throw error
        } catch let error as SyscallError {
            reason = "connect: \(String(cString: strerror(error.errno)).lowercased())"
        } catch {
            reason = "\(error)"
        }
        var words = "\(dialling): \(reason)"
        if case .gelf = delivery.form {
            words = "gelf: cannot connect to GELF endpoint: \(endpoint) \(words)"
        }
        throw SupervisorError(
            .startFailed,
            "failed to create task for container: failed to initialize logging driver: \(words)"
        )
    }
}
