import Foundation
import TestSupport
import Testing

/// What `events` says of each command, and in which order: docker 28's own, word for word.
@Suite(
    "root: events",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(4))
)
struct EventTests {
    /// One command, its events without identifiers, and what its exit code is.
    struct Step: Sendable {
        var words: [String]
        var events: [String]
        var status: Int32 = 0
    }

    private static let name = "a=b, image=box, name=NAME"

    private static let life: [Step] = [
        Step(words: ["volume", "create", "VOL"], events: ["volume create VOL (driver=local)"]),
        Step(
            words: ["network", "create", "NET"],
            events: ["network create (name=NET, type=bridge)"]
        ),
        Step(
            words: [
                "create", "--name", "NAME", "--label", "a=b", "-v", "VOL:/v:ro", "--network", "NET",
                "box", "sh", "-c", "trap 'exit 5' TERM; echo; while :; do sleep 0.1; done",
            ],
            events: ["container create (\(name))"]
        ),
        Step(words: ["start", "NAME"], events: start),
        Step(
            words: ["exec", "NAME", "sh", "-c", "exit 3"],
            events: [
                "container exec_create: sh -c exit 3 (a=b, execID=, image=box, name=NAME)",
                "container exec_start: sh -c exit 3 (a=b, execID=, image=box, name=NAME)",
                "container exec_die (a=b, execID=, exitCode=3, image=box, name=NAME)",
            ],
            status: 3
        ),
        Step(
            words: ["exec", "NAME", "nosuch"],
            events: [
                "container exec_create: nosuch  (a=b, execID=, image=box, name=NAME)",
                "container exec_start: nosuch  (a=b, execID=, image=box, name=NAME)",
            ],
            status: 127
        ),
        Step(words: ["top", "NAME"], events: ["container top (\(name))"]),
        Step(words: ["pause", "NAME"], events: ["container pause (\(name))"]),
        Step(words: ["unpause", "NAME"], events: ["container unpause (\(name))"]),
        Step(
            words: ["kill", "-s", "URG", "NAME"],
            events: ["container kill (\(name), signal=23)"]
        ),
        Step(words: ["cp", "NAME:/bin/sh", "out"], events: ["container archive-path (\(name))"]),
        Step(words: ["cp", "out", "NAME:/in"], events: ["container extract-to-dir (\(name))"]),
        Step(
            words: ["commit", "-m", "why", "NAME", "made:1"],
            events: [
                "container pause (\(name))", "image create (a=b, name=)",
                "image tag (a=b, name=made:1)",
                "container commit (a=b, comment=why, image=box, imageID=, imageRef=made:1, name=NAME)",
                "container unpause (\(name))",
            ]
        ),
        Step(
            words: ["rmi", "made:1"],
            events: ["image untag (a=b, name=)", "image delete (name=)"]
        ),
        Step(words: ["export", "-o", "root.tar", "NAME"], events: ["container export (\(name))"]),
        Step(words: ["logs", "NAME"], events: []),
        Step(
            words: ["rename", "NAME", "NAME2"],
            events: ["container rename (a=b, image=box, name=NAME2, oldName=/NAME)"]
        ),
        Step(
            words: ["rename", "NAME2", "NAME"],
            events: ["container rename (a=b, image=box, name=NAME, oldName=/NAME2)"]
        ),
        Step(
            words: ["network", "disconnect", "NET", "NAME"],
            events: ["network disconnect (container=, name=NET, type=bridge)"]
        ),
        Step(
            words: ["network", "connect", "NET", "NAME"],
            events: ["network connect (container=, name=NET, type=bridge)"]
        ),
        Step(
            words: ["restart", "NAME"],
            events: ["container kill (\(name), signal=15)"] + left
                + ["container stop (\(name))", die(5)] + start + ["container restart (\(name))"]
        ),
        Step(
            words: ["stop", "NAME"],
            events: ["container kill (\(name), signal=15)"] + left
                + ["container stop (\(name))", die(5)]
        ),
        Step(words: ["stop", "NAME"], events: []),
        Step(words: ["start", "NAME"], events: start),
        Step(
            words: ["kill", "NAME"],
            events: ["container kill (\(name), signal=9)"] + left + [die(137)]
        ),
        Step(
            words: ["restart", "NAME"],
            events: start + ["container restart (\(name))"]
        ),
        Step(
            words: ["rm", "-f", "NAME"],
            events: ["container kill (\(name), signal=9)"] + left + [
                die(137), "container destroy (\(name))",
            ]
        ),
        Step(words: ["network", "rm", "NET"], events: ["network destroy (name=NET, type=bridge)"]),
        Step(words: ["volume", "rm", "VOL"], events: ["volume destroy VOL (driver=local)"]),
    ]

    private static let start = [
        "volume mount VOL (container=, destination=/v, driver=local, propagation=, read/write=false)",
        "network connect (container=, name=NET, type=bridge)", "container start (\(name))",
    ]
    private static let left = [
        "network disconnect (container=, name=NET, type=bridge)",
        "volume unmount VOL (container=, driver=local)",
    ]

    private static func die(_ code: Int) -> String {
        "container die (a=b, execDuration=, exitCode=\(code), image=box, name=NAME)"
    }

    private static let plain = "image=box, name=NAME"

    private static let others: [Step] = [
        Step(
            words: [
                "run", "--rm", "--name", "NAME", "--network", "none", "box", "sh", "-c", "exit 4",
            ],
            events: [
                "container create (\(plain))", "container attach (\(plain))",
                "container start (\(plain))",
                "container die (execDuration=, exitCode=4, \(plain))",
                "container destroy (\(plain))",
            ],
            status: 4
        ),
        Step(
            words: ["run", "--name", "NAME", "--network", "none", "box", "nosuch"],
            events: ["container create (\(plain))", "container attach (\(plain))"],
            status: 127
        ),
        Step(words: ["rm", "NAME"], events: ["container destroy (\(plain))"]),
        Step(
            words: [
                "run", "-d", "--name", "NAME", "--network", "none", "--stop-timeout", "0", "box",
                "sleep", "1000",
            ],
            events: ["container create (\(plain))", "container start (\(plain))"]
        ),
        Step(
            words: ["stop", "NAME"],
            events: [
                "container kill (\(plain), signal=15)", "container kill (\(plain), signal=9)",
                "container stop (\(plain))",
                "container die (execDuration=, exitCode=137, \(plain))",
            ]
        ),
        Step(
            words: ["container", "prune", "-f"],
            events: ["container destroy (\(plain))", "container prune (reclaimed=0)"]
        ),
        Step(words: ["tag", "box", "other:2"], events: ["image tag (name=other:2)"]),
        Step(words: ["save", "-o", "image.tar", "other:2"], events: ["image save (name=)"]),
        Step(words: ["rmi", "other:2"], events: ["image untag (name=)"]),
        Step(words: ["load", "-i", "image.tar"], events: ["image load (name=)"]),
        Step(words: ["rmi", "other:2"], events: ["image untag (name=)"]),
        Step(
            words: ["import", "root.tar", "in:1"],
            events: ["image tag (name=in:1)", "image import (name=)"]
        ),
        Step(words: ["rmi", "in:1"], events: ["image untag (name=)", "image delete (name=)"]),
    ]

    /// Docker's line without the time and without identifiers and durations.
    private static func bare(_ line: String, _ names: [String: String]) -> String {
        var text = line.drop { $0 != " " }.dropFirst().description
        text = text.replacingOccurrences(
            of: "(sha256:)?[0-9a-f]{64}",
            with: "",
            options: .regularExpression
        )
        text = text.replacingOccurrences(
            of: "execDuration=[0-9]+",
            with: "execDuration=",
            options: .regularExpression
        )
        for (own, name) in names { text = text.replacingOccurrences(of: own, with: name) }
        // An event without an identifier has two blanks, as one whose identifier was taken out.
        return text.replacingOccurrences(of: "  (", with: " (")
    }

    @Test("each command has docker's events, in docker's order", arguments: ["life", "others"])
    func commands(table: String) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat ls")
            let names = [
                "\(machine.project)-name": "NAME", "\(machine.project)-net": "NET",
                "\(machine.project)-vol": "VOL",
            ]
            let own = [
                "NAME": "\(machine.project)-name", "NET": "\(machine.project)-net",
                "VOL": "\(machine.project)-vol",
            ]
            func docker(_ words: [String]) async throws -> TestMachine.Output {
                try await machine.run([Products.path("berth"), "docker"] + words)
            }
            if table == "others" {
                let made = try await docker([
                    "run", "--name", "first", "--network", "none", "box", "sh", "-c", ":",
                ])
                #expect(made.status == 0, "\(made.err)")
                _ = try await docker(["export", "-o", "root.tar", "first"])
                _ = try await docker(["rm", "first"])
            }
            var seen = try await docker(["events", "--since", "1h", "--until", "0s"]).lines.count
            for step in table == "life" ? Self.life : Self.others {
                let words = step.words.map { word in
                    own.reduce(word) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
                }
                let run = try await docker(words)
                #expect(run.status == step.status, "\(words): \(run.err)")
                let lines = try await docker(["events", "--since", "1h", "--until", "0s"]).lines
                let new = lines.dropFirst(seen).map { Self.bare($0, names) }
                #expect(Array(new) == step.events, "\(words)")
                seen = lines.count
            }
        }
    }

    @Test("compose's events have the labels that are not compose's own")
    func compose() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo")
            try machine.write(
                """
                services:
                  web: {image: box, command: [sh, -c, "exit 3"], labels: {tier: front}, network_mode: none}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            try await machine.until("web has ended") {
                try await machine.berth("ps", "-aq", "--status", "exited").lines.count == 1
            }
            _ = try await machine.berth("run", "--rm", "web")
            _ = try await machine.berth("rm", "-f")
            let events = try await machine.berth("events", "--since", "1h", "--until", "0s").lines
            let words = events.map { line in
                line.split(separator: " ").dropFirst(2).joined(separator: " ")
                    .replacingOccurrences(
                        of: " [0-9a-f]{64}",
                        with: "",
                        options: .regularExpression
                    )
            }
            let subject = "image=box, name=\(machine.project)-web-1, tier=front"
            #expect(
                words == [
                    "container create (\(subject))", "container start (\(subject))",
                    "container die (execDuration=0, exitCode=3, \(subject))",
                    "container destroy (\(subject))",
                ]
            )
        }
    }
}
