import Foundation
import Linux
import Testing

/// One moment of a command: the n-th pass of a crash point by the command or its supervisor.
struct CrashSite: Hashable, CustomStringConvertible {
    enum Role: String, CaseIterable { case command, supervisor }

    var role: Role
    var point: CrashPoint
    var number: Int

    var description: String { "\(role) \(point.rawValue) \(number)" }
}

/// Lets a test see and end the processes of berth at their crash points: the folder `BERTH_CRASH`.
struct CrashFolder {
    let machine: TestMachine
    private let folder: URL

    init(on machine: TestMachine) throws {
        self.machine = machine
        folder = machine.folder.appending(path: "crash")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private var trace: URL { folder.appending(path: "trace") }
    private var request: URL { folder.appending(path: "kill") }

    /// Runs berth with its crash points on.
    func berth(_ words: [String]) async throws -> TestMachine.Output {
        try await machine.run(
            [TestMachine.berth] + words,
            environment: ["BERTH_CRASH": folder.path()]
        )
    }

    /// As `berth`, for what has to succeed.
    @discardableResult
    func succeed(
        _ words: [String],
        after site: CrashSite? = nil
    ) async throws -> TestMachine.Output {
        let output = try await berth(words)
        let context = site.map { "killed at \($0); " } ?? ""
        #expect(
            output.status == 0,
            "\(context)\(words.joined(separator: " ")): \(output.out)\(output.err)"
        )
        return output
    }

    /// Every moment that a successful command comes by, of the command and of supervisors.
    func sites(of words: [String]) async throws -> [CrashSite] {
        try Data().write(to: trace)
        try await succeed(words)
        // What a supervisor does when nothing is left for it comes after the command's end.
        if words.first == "down" {
            try await machine.until("the supervisor has gone") {
                try text().contains(CrashPoint.unreachable.rawValue)
            }
        }
        let lines = try text().split(separator: "\n")
        try FileManager.default.removeItem(at: trace)
        var counts: [String: Int] = [:]
        return try lines.map { line in
            counts[String(line), default: 0] += 1
            let words = line.split(separator: " ").map(String.init)
            return CrashSite(
                role: try #require(CrashSite.Role(rawValue: words[0])),
                point: try #require(CrashPoint(rawValue: words[1])),
                number: try #require(counts[String(line)])
            )
        }
    }

    private func text() throws -> String { try String(contentsOf: trace, encoding: .utf8) }

    /// Runs a command with a process killed at a site. False when nobody came by it.
    func kill(at site: CrashSite, during words: [String]) async throws -> Bool {
        let text = "\(site) \(UInt32.random(in: .min ... .max))"
        try Data(text.utf8).write(to: request, options: .atomic)
        let output = try await berth(words)
        func isReached() -> Bool { !FileManager.default.fileExists(atPath: request.path()) }
        // What a supervisor does when nothing is left for it comes after the command's end.
        if site.role == .supervisor, words.first == "down" {
            try await machine.until("the supervisor has gone") {
                if isReached() { return true }
                let found = try await machine.run(["pgrep", "-f", "supervise \(machine.project)$"])
                return found.status == 1
            }
        }
        let wasReached = isReached()
        if !wasReached { try FileManager.default.removeItem(at: request) }
        if wasReached, site.role == .command {
            #expect(output.status == 137, "\(site): \(output.status) \(output.err)")
        }
        return wasReached
    }

    /// How many folders there are of containers or volumes, or of what else the state folder has.
    func count(in name: String) throws -> Int {
        let path = machine.folder.appending(path: "root/\(name)").path()
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        return try FileManager.default.contentsOfDirectory(atPath: path).count
    }

    /// Nothing in the kernel or in the state folder that no record explains.
    func expectClean(after site: CrashSite, _ what: String) async throws {
        let check = try await berth(["system", "check"])
        #expect(check.status == 0, "killed at \(site), after \(what):\n\(check.out)\(check.err)")
    }
}

/// The sites of one command at which a process of one role is killed, and where that came to be.
struct CrashSites {
    let words: [String]
    let role: CrashSite.Role
    /// The first pass of each point, or every one: always or with `BERTH_RACES`. Where there are lanes,
    /// half of them.
    let sites: [CrashSite]
    private let all: Set<CrashPoint>
    private var missed: Set<CrashSite> = []

    init(
        _ sites: [CrashSite],
        _ role: CrashSite.Role,
        during words: [String],
        lane: Int? = nil,
        everyPass: Bool = false
    ) {
        self.words = words
        self.role = role
        let own = sites.filter { $0.role == role }
        all = Set(own.map(\.point))
        var seen: Set<CrashPoint> = []
        let isLong = everyPass || ProcessInfo.processInfo.environment["BERTH_RACES"] != nil
        let chosen = isLong ? own : own.filter { seen.insert($0.point).inserted }
        self.sites = chosen.enumerated().filter { lane == nil || $0.offset % 2 == lane }
            .map(\.element)
    }

    /// Runs the command with a process killed; those of the beginning come again after the last.
    mutating func kill(_ turn: Int, _ crash: CrashFolder) async throws -> CrashSite {
        let site = sites[turn % sites.count]
        if try await !crash.kill(at: site, during: words) { missed.insert(site) }
        return site
    }

    /// The table says no more than what is so, and all sites were reached, but for those of chance:
    /// who takes which lock, which changes of the firewall are one. One that only changes what is there
    /// does not come by all that is in the table.
    func expectReached(comparesTable: Bool = true) {
        let command = comparesTable ? CrashTable.commands.first(where: words.contains) ?? "" : ""
        let lacking = CrashTable.points(of: role, during: command).subtracting(all)
        #expect(lacking.isEmpty, "\(command), \(role): no longer comes by \(lacking)")
        #expect(!sites.isEmpty)
        #expect(
            missed.count * 5 <= sites.count,
            "\(command) did not come by \(missed) of \(sites.count)"
        )
    }
}
