import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension Transport.Fault {
    /// Puts the network's and the client's errors into kinds and words.
    ///
    /// Before an answer, what is neither of these two comes from TLS or from the parser of HTTP.
    init(_ error: any Error, isBeforeAnswer: Bool = false) {
        switch error {
        case let fault as Transport.Fault: self = fault
        case let error as NIOConnectionError: self.init(connection: error)
        case let error as NIOCore.IOError:
            self.init(
                kind: error.errnoCode == ECONNREFUSED ? .refused : .broken,
                reason: Self.words(for: error.errnoCode)
            )
        case let error as HTTPClientError: self.init(client: error)
        case is InterimAnswerLimit.Exceeded:
            self.init(
                kind: .foreign,
                reason: "it sends interim answers (1xx) instead of an answer"
            )
        case let error as NIOSSLError: self.init(tls: "\(error)", isBeforeAnswer: isBeforeAnswer)
        case let error as BoringSSLError: self.init(tls: "\(error)", isBeforeAnswer: isBeforeAnswer)
        case let error as NIOSSLExtraError:
            self.init(
                kind: .untrusted,
                reason: error == .failedToValidateHostname
                    ? "x509: its certificate is for another name" : "tls: \(error)"
            )
        default:
            self.init(
                kind: isBeforeAnswer ? .foreign : .broken,
                reason: "the connection failed: \(error)"
            )
        }
    }

    private init(connection error: NIOConnectionError) {
        if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
            self.init(kind: .refused, reason: "no such host: \(error.host)")
            return
        }
        let codes = error.connectionErrors.compactMap { ($0.error as? NIOCore.IOError)?.errnoCode }
        self.init(
            kind: .refused,
            reason: codes.first.map(Self.words) ?? "no connection to \(error.host):\(error.port)"
        )
    }

    private init(client error: HTTPClientError) {
        switch error {
        case .connectTimeout, .readTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
            .tlsHandshakeTimeout:
            self.init(kind: .timedOut, reason: "no answer in time")
        case .remoteConnectionClosed:
            self.init(kind: .broken, reason: "the connection was closed in the middle")
        case .proxyAuthenticationRequired:
            self.init(kind: .foreign, reason: "the proxy wants a user name and a password")
        case .invalidProxyResponse:
            self.init(kind: .foreign, reason: "the proxy refuses the connection")
        case .socksHandshakeTimeout, .httpProxyHandshakeTimeout:
            self.init(kind: .timedOut, reason: "the proxy gives no answer in time")
        default: self.init(kind: .broken, reason: error.shortDescription.lowercased())
        }
    }

    /// BoringSSL tells its reasons as texts only.
    private init(tls text: String, isBeforeAnswer: Bool) {
        let known: [(String, Kind, String)] = [
            (
                "CERTIFICATE_VERIFY_FAILED", .untrusted,
                "x509: certificate signed by unknown authority, or expired"
            ),
            (
                "CERTIFICATE_REQUIRED", .untrusted, "tls: the registry wants a client certificate"
            ),
            (
                "BAD_CERTIFICATE", .untrusted, "tls: the registry does not accept our certificate"
            ),
            (
                "ALERT_UNKNOWN_CA", .untrusted,
                "tls: the registry does not know the authority of our client certificate"
            ),
            ("WRONG_VERSION_NUMBER", .plain, "the server does not speak TLS"),
            ("HTTP_REQUEST", .plain, "the server does not speak TLS"),
            ("PROTOCOL_VERSION", .untrusted, "tls: it speaks only versions older than TLS 1.2"),
        ]
        if let (_, kind, reason) = known.first(where: { text.contains($0.0) }) {
            self.init(kind: kind, reason: reason)
        } else if text.contains("uncleanShutdown") || text.contains("alreadyClosed") {
            self.init(kind: .broken, reason: "the connection was closed in the middle")
        } else {
            self.init(kind: isBeforeAnswer ? .foreign : .broken, reason: "tls: \(text)")
        }
    }

    private static func words(for code: CInt) -> String {
        strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }
}
