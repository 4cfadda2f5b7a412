import ArgumentParser
import ContainerNetwork
import DockerViews
import Engine
import Glibc
import GoTemplate
import Linux
import SystemPackage

extension System {
    /// What this machine is, and what is on it.
    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "info",
            abstract: "Show what this machine is, and how much is on it."
        )

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("json, or a template.", valueName: "template"),
            completion: .list(["json"])
        )
        var format: String?

        func run() async throws {
            let view = try await Self.view()
            try WholeForm.show(view.value, as: format) { view.lines }
        }

        private static func view() async throws -> MachineView {
            var view = MachineView()
            view.version = Version.number
            view.root = Layout.ofMachine().root.string
            if let session = try Session.openIfAny() {
                for container in try await session.engine.observe(project: nil).containers {
                    switch container.record.dockerState {
                    case "running", "restarting": view.running += 1
                    case "paused": view.paused += 1
                    default: view.stopped += 1
                    }
                }
                view.images = try await session.engine.knownImages().count
            }
            let system = SystemNames()
            view.kernel = system.release
            view.architecture = system.machine
            view.name = system.host
            view.operatingSystem = SystemNames.distribution()
            view.processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
            view.memoryBytes =
                UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
            view.cgroupVersion = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? 2 : 1
            let forwarding = SystemNames.text(of: "/proc/sys/net/ipv4/ip_forward")
            view.forwardsIPv4 = forwarding.hasPrefix("1")
            view.drivers = NetworkDriverName.allCases.map(\.rawValue)
            view.logDrivers = [
                "fluentd", "gelf", "journald", "json-file", "local", "none", "syslog",
            ]
            view.time = Timestamp.now().description
            return view
        }
    }
}

/// What uname(2) and os-release(5) say.
struct SystemNames {
    let release: String
    let machine: String
    let host: String

    init() {
        var names = utsname()
        uname(&names)
        release = Self.text(names.release)
        machine = Self.text(names.machine)
        host = Self.text(names.nodename)
    }

    /// As images call it.
    var architecture: String {
        ["x86_64": "amd64", "aarch64": "arm64"][machine] ?? machine
    }

    private static func text<T>(_ field: T) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// What a file of the kernel says; empty where it cannot be read.
    static func text(of path: FilePath) -> String {
        // `try?`: what is not known is not shown.
        String(decoding: (try? readFile(path, limit: 1 << 16)) ?? [], as: UTF8.self)
    }

    /// `Debian GNU/Linux 13 (trixie)`.
    static func distribution() -> String {
        for line in text(of: "/etc/os-release").split(separator: "\n") {
            guard line.hasPrefix("PRETTY_NAME=") else { continue }
            return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
        }
        return "Linux"
    }
}

/// One object in the form that `--format` asks for.
enum WholeForm {
    /// `plain` are the lines without a form. A form that is wrong ends with 64, as docker's.
    static func show(_ value: GoValue, as format: String?, plain: () -> [String]) throws {
        guard let format, !format.isEmpty else {
            for line in plain() { Terminal.line(line) }
            return
        }
        if format == "json" { return Terminal.line(value.json(escapesHTML: true)) }
        let template: Template
        do {
            template = try Template(parsing: format)
        } catch {
            throw Failure("template parsing error: \(error)", exitCode: 64)
        }
        do {
            Terminal.line(try template.render(value))
        } catch {
            throw Failure("\(error)")
        }
    }
}
