import AsyncHTTPClient
import NIOCore
import Synchronization

/// The clients that speak http, one for each way out: directly, and through each proxy.
final class HTTPClients: Sendable {
    /// One way out.
    struct Way {
        var client: HTTPClient
        var proxy: Proxy?
        /// On the way to a proxy that is spoken to by https.
        var tunnel: ProxyTunnel?

        /// What went wrong between us and the proxy; nil when it is not to blame.
        func takeFault() -> Transport.Fault? {
            guard let proxy, var fault = tunnel?.takeFault() else { return nil }
            fault.reason = "the proxy \(proxy): \(fault.reason)"
            if fault.kind == .untrusted {
                fault.reason += "; the certificate of its authority belongs into "
                fault.reason += "/etc/docker/certs.d/\(proxy)/ca.crt"
            }
            // What these kinds mean is meant of registries.
            if fault.kind == .untrusted || fault.kind == .plain { fault.kind = .foreign }
            return fault
        }
    }

    private let settings: RegistrySettings
    private let configuration: RegistryClient.Configuration
    private let tls: TLSSettings
    private let made = Mutex<[Proxy?: HTTPClient]>([:])
    /// Each ends by itself as soon as it listens.
    private let tunnels = Mutex<[Proxy: Task<ProxyTunnel, any Error>]>([:])

    init(
        _ settings: RegistrySettings,
        _ configuration: RegistryClient.Configuration,
        _ tls: TLSSettings
    ) {
        self.settings = settings
        self.configuration = configuration
        self.tls = tls
    }

    deinit {
        // Only closes idle connections: every request holds this object.
        for client in made.withLock({ Array($0.values) }) { client.shutdown { _ in } }
    }

    /// The way to an origin.
    func way(to origin: Origin) async throws -> Way {
        let proxy: Proxy?
        do {
            proxy = try settings.proxies.proxy(for: origin)
        } catch {
            throw ConfigurationError(
                origin.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY",
                "\(error)"
            )
        }
        let tunnel = try await openTunnel(to: proxy)
        return made.withLock { made in
            if let known = made[proxy] { return Way(client: known, proxy: proxy, tunnel: tunnel) }
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: make(proxy, tunnel)
            )
            made[proxy] = client
            return Way(client: client, proxy: proxy, tunnel: tunnel)
        }
    }

    private func openTunnel(to proxy: Proxy?) async throws -> ProxyTunnel? {
        guard let proxy, proxy.kind == .https else { return nil }
        let authority = Authority(host: proxy.host, port: proxy.port)
        let configuration = try tls.configurations(for: authority)[0]
        let timeout = TimeAmount(self.configuration.connectTimeout)
        return try await tunnels.withLock { tunnels in
            if let known = tunnels[proxy] { return known }
            // Ends by itself: there is nothing to wait for but a socket of this machine.
            let task = Task {
                try await ProxyTunnel.open(to: proxy, tls: configuration, connectTimeout: timeout)
            }
            tunnels[proxy] = task
            return task
        }.value
    }

    private func make(_ proxy: Proxy?, _ tunnel: ProxyTunnel?) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.timeout.read = TimeAmount(configuration.idleTimeout)
        // Faults are the registry client's to judge; the pool would go on trying on its own.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.proxy = proxy.map { HTTPClient.Configuration.Proxy($0, through: tunnel) }
        // Each read wakes a task: a blob that arrives fast is to be read in larger pieces than NIO's
        // 64 KiB.
        settings.http1_1ConnectionDebugInitializer = { channel in
            channel.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1 << 10,
                    initial: 16 << 10,
                    maximum: 256 << 10
                )
            ).flatMapThrowing { try InterimAnswerLimit.add(to: channel) }
        }
        return settings
    }
}

extension HTTPClient.Configuration.Proxy {
    init(_ proxy: Proxy, through tunnel: ProxyTunnel?) {
        let (host, port) = tunnel.map { ("127.0.0.1", $0.port) } ?? (proxy.host, proxy.port)
        switch (proxy.kind, proxy.credentials) {
        case (.http, .password(let username, let password)?),
            (.https, .password(let username, let password)?):
            self = .server(
                host: host,
                port: port,
                authorization: .basic(username: username, password: password)
            )
        case (.http, _), (.https, _): self = .server(host: host, port: port)
        case (.socks5, _): self = .socksServer(host: host, port: port)
        }
    }
}
