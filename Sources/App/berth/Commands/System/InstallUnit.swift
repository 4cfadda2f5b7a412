import ArgumentParser
import Engine
import Linux
import SystemPackage

extension System {
    /// What lets a machine start again what ran on it.
    struct InstallUnit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install-unit",
            abstract: "Write the systemd unit that starts again, at boot, what ran before."
        )

        @Option(
            help: ArgumentHelp("Where units are.", valueName: "folder"),
            completion: .directory
        )
        var folder = "/etc/systemd/system"

        @Flag(name: .customLong("print"), help: "Print the unit and write nothing.")
        var prints = false

        func run() throws {
            let unit = ResumeUnit(
                program: try Programs.berth().string,
                layout: Layout.ofMachine()
            )
            if prints { return Terminal.line(String(unit.text.dropLast())) }
            let path = FilePath(folder).appending(ResumeUnit.name)
            do {
                try atomicWrite(Array(unit.text.utf8), to: path, mode: 0o644)
            } catch {
                throw Failure(
                    "cannot write \(path): \(error); run it as root, or name another --folder"
                )
            }
            Terminal.line(path.string)
            Terminal.line(
                "`systemctl daemon-reload && systemctl enable \(ResumeUnit.name)` turns it on",
                to: .error
            )
        }
    }
}

/// The text of the unit.
struct ResumeUnit {
    static let name = "berth-resume.service"

    let text: String

    /// The environment is named: at boot there is none.
    init(program: String, layout: Layout) {
        text = """
            [Unit]
            Description=Start again the containers of berth that ran before
            Wants=network-online.target
            After=network-online.target local-fs.target
            RequiresMountsFor=\(Self.quoted(layout.root.string))

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            Environment=\(Self.quoted("BERTH_ROOT=\(layout.root)"))
            Environment=\(Self.quoted("BERTH_RUN=\(layout.run)"))
            ExecStart=\(Self.quoted(program)) --progress plain up --resume
            # Containers and their supervisors go on when the unit is stopped.
            KillMode=process
            TimeoutStartSec=infinity

            [Install]
            WantedBy=multi-user.target

            """
    }

    /// systemd.syntax(7): a word in quotes, where `%` begins a specifier.
    private static func quoted(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", "\"": escaped += "\\\(character)"
            case "%": escaped += "%%"
            default: escaped.append(character)
            }
        }
        return "\"\(escaped)\""
    }
}
