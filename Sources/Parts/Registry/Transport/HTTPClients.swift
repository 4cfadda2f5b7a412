import AsyncHTTPClient
import NIOCore
import Synchronization

/// The clients that speak http, one for each way out: directly, and through each proxy.
final class HTTPClients: Sendable {
    private let settings: RegistrySettings
    private let configuration: RegistryClient.Configuration
    private let made = Mutex<[Proxy?: HTTPClient]>([:])

    init(_ settings: RegistrySettings, _ configuration: RegistryClient.Configuration) {
        self.settings = settings
        self.configuration = configuration
    }

    deinit {
        // Only closes idle connections: every request holds this object.
        for client in made.withLock({ Array($0.values) }) { client.shutdown { _ in } }
    }

    /// The way to an origin.
    func client(for origin: Origin) throws -> (client: HTTPClient, proxy: Proxy?) {
        let proxy: Proxy?
        do {
            proxy = try settings.proxies.proxy(for: origin)
        } catch {
            throw ConfigurationError(
                origin.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY",
                "\(error)"
            )
        }
        return made.withLock { made in
            if let known = made[proxy] { return (known, proxy) }
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: make(proxy)
            )
            made[proxy] = client
            return (client, proxy)
        }
    }

    private func make(_ proxy: Proxy?) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.timeout.read = TimeAmount(configuration.idleTimeout)
        // Faults are the registry client's to judge; the pool would go on trying on its own.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.proxy = proxy.map { HTTPClient.Configuration.Proxy($0) }
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
            )
        }
        return settings
    }
}

extension HTTPClient.Configuration.Proxy {
    init(_ proxy: Proxy) {
        switch (proxy.kind, proxy.credentials) {
        case (.http, .password(let username, let password)?):
            self = .server(
                host: proxy.host,
                port: proxy.port,
                authorization: .basic(username: username, password: password)
            )
        case (.http, _): self = .server(host: proxy.host, port: proxy.port)
        case (.socks5, _): self = .socksServer(host: proxy.host, port: proxy.port)
        }
    }
}
