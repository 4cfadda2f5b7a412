import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// An answer whose body has not been read.
struct Response: Sendable {
    /// Where it came from in the end.
    var url: URL
    var status: Int
    var headers: HTTPHeaders
    typealias Content = HTTPClientResponse.Body
    var content: Content
    /// How fast the body has to come.
    var demand: Pace.Demand

    /// The value of a header, without parameters: `application/json` of
    /// `application/json; charset=utf-8`.
    func plainHeader(_ name: String) -> String? {
        headers.first(name: name)?.split(separator: ";").first.map { part in
            String(part.drop { $0 == " " }.prefix { $0 != " " })
        }
    }

    /// The whole body, if it is not larger than it may be.
    func body(limit: Int, target: Target) async throws -> [UInt8] {
        do {
            guard let bytes = try await body(limit: limit) else {
                throw target.error(.tooLarge(limit: limit))
            }
            return bytes
        } catch let error as RegistryError {
            throw error
        } catch {
            throw Transport.Fault(error)
        }
    }

    /// The same; nil when it is larger.
    private func body(limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var pace = Pace(demand)
        for try await buffer in content {
            try pace.check(buffer.readableBytes)
            bytes.append(contentsOf: buffer.readableBytesView)
            if bytes.count > limit { return nil }
        }
        return bytes
    }

    private struct Errors: Decodable {
        struct One: Decodable {
            var code: String?
            var message: String?
        }
        var errors: [One]
    }

    /// What the registry says about an error; nil when it says nothing that can be shown.
    func registryMessage() async -> String? {
        do {
            guard let bytes = try await body(limit: 1 << 16) else { return nil }
            let errors = try JSONDecoder().decode(Errors.self, from: Data(bytes)).errors
            guard let first = errors.first, let text = first.message ?? first.code else {
                return nil
            }
            let printable = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }
            return String(String.UnicodeScalarView(printable.prefix(200)))
        } catch {
            // The status has already said that it failed; this was only for better words.
            return nil
        }
    }
}
