import Addresses
import ContainerRuntime
import Engine
import Glibc
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
            ("Hostname", .string(hostname)),
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
            ("Env", .strings(spec.shownEnvironment)), ("Cmd", .stringsOrNull(words.command)),
        ]
        if let check = spec.healthcheck {
            members.append(("Healthcheck", Self.healthcheck(check)))
        } else if spec.asked?.disablesHealthcheck == true {
            members.append(("Healthcheck", .object([("Test", .strings(["NONE"]))])))
        }
        members += [
            ("Image", .string(spec.imageName)),
            ("Volumes", volumes.isEmpty ? .nothing(.map) : .map(GoMap(volumes))),
            (
                "WorkingDir",
                .string(spec.asked?.workingDirectory ?? spec.process.workingDirectory)
            ), ("Entrypoint", .stringsOrNull(words.entrypoint)),
        ]
        if let address = spec.asked?.macAddress { members.append(("MacAddress", .string(address))) }
        members += [("OnBuild", .nothing(.list)), ("Labels", .strings(record.labels))] + stop
        return .object(
            members,
            unwritten: [
                ("ExposedPorts", .nothing(.map)), ("MacAddress", .string("")),
                ("StopSignal", .string("")), ("StopTimeout", .nothing(.pointer("int"))),
                ("Healthcheck", .nothing(.pointer("Healthcheck"))),
            ]
        )
    }

    /// Its entrypoint and its command; of a record from before they were kept apart one list.
    private var words: (entrypoint: [String], command: [String]) {
        spec.entrypointAndCommand ?? ([], spec.process.arguments)
    }

    /// With the host's network it has the host's name.
    private var hostname: String {
        if let name = spec.hostname { return name }
        return spec.network == .host ? Machine.hostname : container.record.id.short
    }

    /// Only what was asked for.
    private var stop: [(key: String, value: GoValue)] {
        guard let asked = spec.asked else {
            return [
                ("StopSignal", .string(Signal(number: spec.stop.signal).name)),
                ("StopTimeout", .integer(spec.stop.grace.components.seconds)),
            ]
        }
        return (asked.stopSignal.isEmpty ? [] : [("StopSignal", .string(asked.stopSignal))])
            + (asked.stopTimeout.map { [("StopTimeout", .integer($0))] } ?? [])
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
        let usual = Healthcheck(command: [])
        let durations: [(key: String, path: KeyPath<Healthcheck, Duration>)] = [
            ("Interval", \.interval), ("Timeout", \.timeout), ("StartPeriod", \.startPeriod),
            ("StartInterval", \.startInterval),
        ]
        let test = GoValue.strings(check.outside.map { ["X-BERTH"] + $0.words } ?? command)
        var members: [(key: String, value: GoValue)] = [("Test", test)]
        for (key, path) in durations where check[keyPath: path] != usual[keyPath: path] {
            members.append((key, nanoseconds(check[keyPath: path])))
        }
        if check.retries != usual.retries {
            members.append(("Retries", .integer(Int64(check.retries))))
        }
        let names = durations.map(\.key) + ["Retries"]
        return .object(members, unwritten: names.map { ($0, .integer(0)) })
    }
}

/// The machine that containers with the host's network are on.
private enum Machine {
    static var hostname: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
