import Compose
import ContainerRuntime
import OCI

extension Healthcheck {
    /// The service's members over the image's over the defaults; nil where nothing is asked.
    /// compose-spec `healthcheck`; Dockerfile HEALTHCHECK.
    init?(of service: HealthcheckDeclaration?, image: ContainerDefaults) {
        let own = image.healthcheck
        if case .outside(let probe)? = service?.test {
            self.init(outside: OutsideCheck(of: probe))
        } else if let command = Self.command(of: service, image: image) {
            self.init(command: command)
        } else {
            return nil
        }
        func set(_ member: WritableKeyPath<Healthcheck, Duration>, _ values: Duration?...) {
            guard let value = values.compactMap({ $0 }).first(where: { $0 > .zero }) else { return }
            self[keyPath: member] = value
        }
        set(\.interval, service?.interval, Self.interval(own?.intervalNanoseconds))
        set(\.timeout, service?.timeout, Self.duration(own?.timeoutNanoseconds))
        set(\.startPeriod, service?.startPeriod, Self.duration(own?.startPeriodNanoseconds))
        set(\.startInterval, service?.startInterval, Self.interval(own?.startIntervalNanoseconds))
        let counts = [service?.retries, own?.retries].compactMap { $0 }
        if let retries = counts.first(where: { $0 > 0 }) { self.retries = retries }
    }

    private static func command(
        of service: HealthcheckDeclaration?,
        image: ContainerDefaults
    ) -> [String]? {
        switch service?.test {
        case .none?: return nil
        case .exec(let words)?: return words.isEmpty ? nil : words
        case .shell(let text)?: return shell(image) + [text]
        case .outside?, nil: break
        }
        let test = image.healthcheck?.test ?? []
        switch test.first {
        case "CMD": return test.count > 1 ? Array(test.dropFirst()) : nil
        case "CMD-SHELL": return test.count > 1 ? shell(image) + [test[1]] : nil
        default: return nil
        }
    }

    /// Docker uses the image's SHELL for `CMD-SHELL`.
    private static func shell(_ image: ContainerDefaults) -> [String] {
        guard let shell = image.shell, !shell.isEmpty else { return ["/bin/sh", "-c"] }
        return shell
    }

    /// An image may not keep the machine busy with probes: whoever wants them closer together than
    /// this writes so in the file.
    private static func interval(_ nanoseconds: Int64?) -> Duration? {
        duration(nanoseconds).map { $0 > .zero ? max($0, .milliseconds(100)) : $0 }
    }

    /// Zero and nothing inherit.
    private static func duration(_ nanoseconds: Int64?) -> Duration? {
        nanoseconds.map { .nanoseconds($0) }
    }
}

extension OutsideCheck {
    fileprivate init(of probe: OutsideProbe) {
        self =
            switch probe {
            case .http(let host, let port, let path): .http(host: host, port: port, path: path)
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .log(let pattern): .log(pattern: pattern)
            }
    }
}

extension HealthAction {
    init(of action: UnhealthyAction) {
        self =
            switch action {
            case .restart: .restart
            case .stop: .stop
            }
    }
}
