import Foundation
import Testing

extension TestMachine {
    /// Does something while a program asks for the name `web` and connects, again and again, and is to
    /// meet neither a missing answer nor a refusal.
    func whileAsked(_ body: () async throws -> Void) async throws {
        let name = "\(project)-probe-1"
        let pid = try await docker("inspect", "-f", "{{.State.Pid}}", name).lines
        // Programs of this machine on the container's network.
        let loop = """
            n=0; until test -e end; do n=$((n + 1))
            a=$(busybox nslookup -type=a web 127.0.0.11 | sed -n '/:53$/d; s/^Address: *//p' | head -n 1)
            test "$a" || { echo missing $n; continue; }
            (exec 3<>/dev/tcp/$a/80) 2> /dev/null || echo refused $n
            test $n = 5 && touch begun
            done; echo asked $n
            """
        let asking = try start(
            ["nsenter", "-t", try #require(pid.first), "-n", "bash", "-c", loop]
        )
        async let asked = asking.end()
        let begun = folder.appending(path: "begun").path()
        try await until("it is asked") { FileManager.default.fileExists(atPath: begun) }
        do { try await body() } catch {
            try write("", to: "end")
            throw error
        }
        try write("", to: "end")
        let told = try await asked
        #expect(told.lines.count == 1 && told.out.hasPrefix("asked"), "\(told.out)\(told.err)")
    }
}
