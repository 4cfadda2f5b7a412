import Addresses
import ContainerRuntime
import Engine
import GoTemplate
import KernelNames

extension ContainerInspection {
    /// What runs in it, under the names of an image's configuration.
    var config: GoValue {
        let record = container.record
        let ports = exposedPorts.map { ($0, GoValue.object([])) }
        let volumes = spec.mounts.compactMap { mount -> (key: String, value: GoValue)? in
            guard case .anonymousVolume = mount.source else { return nil }
            return (mount.target, .object([]))
        }
        var members: [(key: String, value: GoValue)] = [
            ("Hostname", .string(spec.hostname ?? record.id.short)),
            ("Domainname", .string(spec.domainName ?? "")), ("User", .string(spec.process.user)),
            // Who attaches to begin with is who gives input that ends; of output nothing is kept.
            ("AttachStdin", .bool(isInputOnce)), ("AttachStdout", .bool(isInputOnce)),
            ("AttachStderr", .bool(isInputOnce)),
        ]
        if !ports.isEmpty { members.append(("ExposedPorts", .map(GoMap(ports)))) }
        members += [
            ("Tty", .bool(spec.streams?.isTerminal ?? false)),
            ("OpenStdin", .bool(spec.streams?.input ?? .none != .none)),
            ("StdinOnce", .bool(isInputOnce)),
            ("Env", .strings(spec.process.environment)),
            ("Cmd", .strings(spec.process.arguments)),
        ]
        if let check = spec.healthcheck { members.append(("Healthcheck", Self.healthcheck(check))) }
        members += [
            ("Image", .string(spec.imageName)),
            ("Volumes", volumes.isEmpty ? .nothing(.map) : .map(GoMap(volumes))),
            ("WorkingDir", .string(spec.process.workingDirectory)),
            // The spec has one list of arguments; the image's own halves of it are not kept.
            ("Entrypoint", .nothing(.list)), ("OnBuild", .nothing(.list)),
            ("Labels", .strings(record.labels)),
            ("StopSignal", .string(Signal(number: spec.stop.signal).name)),
            ("StopTimeout", .integer(spec.stop.grace.components.seconds)),
        ]
        return .object(
            members,
            unwritten: [
                ("ExposedPorts", .nothing(.map)),
                ("Healthcheck", .nothing(.pointer("Healthcheck"))),
            ]
        )
    }

    private var isInputOnce: Bool { spec.streams?.input == .once }

    /// `80/tcp`, each once, in order.
    private var exposedPorts: [String] {
        var ports = Set(spec.ports.map { "\($0.containerPort)/\($0.transport.rawValue)" })
        for range in spec.exposed ?? [] {
            for port in range.ports.first...range.ports.last {
                ports.insert("\(port)/\(range.transport)")
            }
        }
        return ports.sorted()
    }

    private static func healthcheck(_ check: Healthcheck) -> GoValue {
        func nanoseconds(_ duration: Duration) -> GoValue {
            let (seconds, attoseconds) = duration.components
            return .integer(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
        // The specification has the shell that a command of a shell is given to.
        let command =
            check.command.starts(with: ["/bin/sh", "-c"]) && check.command.count == 3
            ? ["CMD-SHELL", check.command[2]] : ["CMD"] + check.command
        return .object([
            ("Test", .strings(check.outside.map { ["X-BERTH"] + $0.words } ?? command)),
            ("Interval", nanoseconds(check.interval)), ("Timeout", nanoseconds(check.timeout)),
            ("StartPeriod", nanoseconds(check.startPeriod)),
            ("StartInterval", nanoseconds(check.startInterval)),
            ("Retries", .integer(Int64(check.retries))),
        ])
    }
}
