import Foundation
import Glibc
import TestSupport
import Testing

/// The samples with images of Debian's packages do what their READMEs say.
@Suite(
    "root: the samples",
    .tags(.root),
    .enabled(if: isRoot),
    .enabled("their base image is neither here nor can be made: needs mmdebstrap and a mirror") {
        try await SampleBase.isWithinReach()
    },
    .leavesNothing,
    .timeLimit(.minutes(15))
)
struct SampleTests {
    /// A sample in a machine of its own: a copy of its folder, and its base image.
    private struct Sample {
        let machine: TestMachine
        let folder: URL

        func berth(
            _ arguments: String...,
            environment: [String: String] = [:]
        ) async throws -> TestMachine.Output {
            try await machine.run(
                [TestMachine.berth] + arguments,
                in: folder,
                environment: environment
            )
        }

        /// Runs a command that has to succeed, and gives what it printed.
        @discardableResult
        func succeed(
            _ arguments: String...,
            environment: [String: String] = [:]
        ) async throws -> TestMachine.Output {
            let run = try await machine.run(
                [TestMachine.berth] + arguments,
                in: folder,
                environment: environment
            )
            try #require(run.status == 0, "berth \(arguments.joined(separator: " ")): \(run.err)")
            return run
        }

        /// What a page answers; nothing when nobody does.
        func page(_ url: String, post: String? = nil) async throws -> String {
            try await machine.run(
                ["busybox", "wget", "-q", "-O", "-"]
                    + (post.map { ["--post-data", $0] } ?? []) + ["http://127.0.0.1:\(url)"]
            ).out
        }

        func change(_ path: String, _ old: String, to new: String) throws {
            let file = folder.appending(path: path)
            let text = try String(contentsOf: file, encoding: .utf8)
            try #require(text.contains(old), "\(path) has no \(old)")
            try Data(text.replacing(old, with: new).utf8).write(to: file)
        }
    }

    private func with(_ name: String, _ body: (Sample) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await SampleBase.load(for: name, into: machine)
            let folder = machine.folder.appending(path: name)
            try FileManager.default.copyItem(
                at: SampleBase.samples.appending(path: name),
                to: folder
            )
            let sample = Sample(machine: machine, folder: folder)
            try await body(sample)
            try await sample.succeed("down", "-v")
            #expect(try await sample.berth("ps", "-aq").out == "")
            #expect(try await sample.berth("volume", "ls", "-q").out == "")
        }
    }

    @Test("web-db: migrates before it serves, keeps its visits and hides its password")
    func webWithDatabase() async throws {
        try await with("web-db") { sample in
            try await sample.succeed("up", "-d", "--wait")
            #expect(try await sample.page("8000/") == "{\"visits\": 1}\n")
            #expect(try await sample.page("8000/again") == "{\"visits\": 2}\n")
            let migrated = try await sample.succeed("logs", "--no-log-prefix", "migrate").out
            #expect(migrated == "the database is at step 2, 2 of them new\n")
            let fields = try await sample.succeed("logs", "--fields", "path,status", "web").out
            #expect(fields.contains("/again 200"))
            let ids = try await sample.succeed("ps", "-aq").lines
            #expect(ids.count == 3)
            for id in ids {
                let inspected = try await sample.succeed("docker", "inspect", id).out
                #expect(!inspected.contains("only for trying it out"))
            }
            try await sample.succeed("stop", "db")
            let why = try await sample.berth("why", "web").out
            #expect(why.contains("it needs db to be healthy, and db is stopped"), "\(why)")
            try await sample.succeed("down")
            try await sample.succeed("up", "-d", "--wait")
            #expect(try await sample.page("8000/") == "{\"visits\": 3}\n")
            let again = try await sample.succeed("logs", "--no-log-prefix", "migrate").out
            #expect(again == "the database is at step 2, 0 of them new\n")
        }
    }

    private struct Jobs: Decodable {
        var waiting = -1
        var running = -1
        var done = -1
        var by: [String: Int] = [:]
    }

    private func jobs(_ sample: Sample) async throws -> Jobs {
        let text = try await sample.page("8080/jobs")
        // A page that is not there yet, or an error, is asked for again.
        return (try? JSONDecoder().decode(Jobs.self, from: Data(text.utf8))) ?? Jobs()
    }

    @Test("queue: four workers do the jobs, none is lost when they are stopped or killed")
    func queue() async throws {
        try await with("queue") { sample in
            let machine = sample.machine
            try await sample.succeed("up", "-d", "--wait")
            var total = 0
            func post(_ count: Int) async throws {
                #expect(
                    try await sample.page("8080/jobs", post: "\(count)")
                        == "{\"queued\": \(count)}\n"
                )
                total += count
            }
            try await post(20)
            try await machine.until("each of four workers has done a job") {
                let now = try await jobs(sample)
                if now.waiting == 0, now.by.count < 4 { try await post(8) }
                return now.by.count == 4 && now.done == total
            }
            var pages: Set<String> = []
            for index in 1...4 {
                let port = try await sample.succeed("port", "--index", "\(index)", "worker", "9000")
                let address = try #require(port.lines.first?.split(separator: ":").last)
                pages.insert(String(address))
                #expect(try await sample.page("\(address)/").contains("\"job\": null"))
            }
            #expect(pages.count == 4)

            // The others stay as they are, and the jobs that wait are done by who is left.
            let slow = ["QUEUE_SECONDS_PER_JOB": "4"]
            let plan = try await sample.succeed("plan", environment: slow).out
            #expect(plan.contains("environment.SECONDS_PER_JOB: 0.2 → 4"))
            #expect(plan.contains("\(machine.project)-producer-2, \(machine.project)-web-1"))
            try await sample.succeed("up", "-d", "--wait", environment: slow)
            try await post(8)
            try await machine.until("four jobs are being done") {
                try await jobs(sample).running == 4
            }
            try await sample.succeed("stop", "worker", environment: slow)
            let stopped = try await jobs(sample)
            // How many were begun by then is the machine's affair; those that were are done.
            #expect(stopped.running == 0)
            #expect(stopped.done >= total - 4 && stopped.done + stopped.waiting == total)
            try await post(4)
            try await sample.succeed("start", "worker", environment: slow)
            try await machine.until("four jobs are being done") {
                try await jobs(sample).running == 4
            }
            try await sample.succeed("docker", "kill", "\(machine.project)-worker-2")
            try await machine.until("another worker does the job") {
                try await jobs(sample).done == total
            }
            let back = try await sample.succeed("logs", "--no-log-prefix", "worker").lines
            #expect(back.filter { $0.contains("taken back") }.count == 1)

            try await sample.succeed("down")
            try await sample.succeed("up", "-d", "--wait")
            #expect(try await jobs(sample).done == total)
        }
    }

    @Test("dev: what follows a change depends on what was changed")
    func development() async throws {
        try await with("dev") { sample in
            let machine = sample.machine
            func until(_ what: String, _ words: String) async throws {
                try await machine.until(what) { try await sample.page("8000/").contains(words) }
            }
            func inside(_ script: String) async throws -> String {
                try await sample.berth("exec", "-T", "web", "sh", "-c", script).out
            }
            let watch = try machine.start([TestMachine.berth, "up", "--watch"], in: sample.folder)
            try await until("the page", "<h1>Hello, you</h1>")
            try FileManager.default.createDirectory(
                at: sample.folder.appending(path: "app/node_modules"),
                withIntermediateDirectories: false
            )
            try machine.write("1", to: "dev/app/node_modules/x")
            let started = try await inside("cat /proc/1/stat")
            try sample.change("app/templates/page.html", "<h1>", to: "<h1>New: ")
            try await until("a changed template", "<h1>New: Hello, you</h1>")
            #expect(try await inside("cut -d' ' -f22 /proc/1/stat") == startTime(started))
            try sample.change("app/greeting.py", "Hello, ", to: "Hi, ")
            try await until("a changed program", "<h1>New: Hi, you</h1>")
            try sample.change("app/tests/test_greeting.py", "import unittest", to: Self.marker)
            try await machine.until("the tests are run") { try await inside("cat /tmp/ran") == "1" }
            #expect(
                try await inside("ls /srv")
                    == "greeting.py\nserver.py\ntemplates\ntests\nwords.txt\n"
            )
            try sample.change("data/words.txt", "quay", to: "quay\nzebra")
            try await until("an image that was built anew", "quay, zebra</p>")
            #expect(try await sample.page("8000/").contains("<h1>New: Hi, you</h1>"))
            try watch.signal(SIGINT)
            let output = try await watch.end()
            #expect(output.status == 130, "\(output.err)")
            for words in [
                "service(s) [\"web\"] restarted", "FAIL: test_greets_who_has_no_name",
                "Rebuilding service(s) [\"web\"]",
            ] { #expect(output.out.contains(words), "\(output.out)") }
        }
    }

    /// On one line: one that begins with `import` would be one of this file to whoever reads it so.
    private static let marker =
        "import unittest\n\nwith open('/tmp/ran', 'w') as file:\n    file.write('1')"

    /// When the process with this line in its `stat` was started; its name has no blanks.
    private func startTime(_ line: String) -> String {
        let fields = line.split(separator: " ")
        return fields.count > 21 ? "\(fields[21])\n" : "no time"
    }
}
