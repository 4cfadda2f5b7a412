import Logging
import OCI
import Synchronization
import Testing

@testable import Registry

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// A client that does not wait long.
func makeClient(_ change: (inout RegistryClient.Configuration) -> Void = { _ in }) -> RegistryClient
{
    var configuration = RegistryClient.Configuration()
    configuration.retry.firstPause = .milliseconds(1)
    configuration.retry.longestPause = .milliseconds(20)
    change(&configuration)
    return RegistryClient(configuration, logger: quiet)
}

extension RegistryClient {
    /// A whole blob.
    func blob(
        _ descriptor: Descriptor,
        of reference: ImageReference,
        from offset: Int64 = 0
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await fetchBlob(descriptor, of: reference, from: offset) { bytes += $0 }
        return bytes
    }
}

/// A number that a server's behaviour counts up.
final class Count: Sendable {
    private let number = Mutex(0)

    /// One more; the first call gives 1.
    @discardableResult
    func next() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}

/// The cause of the registry error that something ends with.
func cause(_ body: () async throws -> Void) async -> RegistryError.Cause? {
    do {
        try await body()
        Issue.record("no error")
        return nil
    } catch let error as RegistryError {
        return error.cause
    } catch {
        Issue.record("another error: \(error)")
        return nil
    }
}
