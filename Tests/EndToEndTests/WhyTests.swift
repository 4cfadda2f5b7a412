import Foundation
import Glibc
import TestSupport
import Testing

/// `berth why` on a real kernel: what it says is what happened.
@Suite("root: why", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct WhyTests {
    @Test("names the cause: a check that fails, an end, a program that is not there")
    func causes() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                """
                services:
                  db:
                    image: box
                    command: [sh, -c, "echo warming up; exec sleep 1000"]
                    stop_signal: SIGKILL
                    healthcheck:
                      test: [CMD, sh, -c, "echo no rows; exit 1"]
                      interval: 100ms
                      retries: 2
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_signal: SIGKILL
                    depends_on: {db: {condition: service_healthy}}
                  job: {image: box, command: [sh, -c, "echo boom >&2; exit 3"]}
                  lost: {image: box, command: [nosuch]}
                  well: {image: box, command: [sleep, "1000"], stop_signal: SIGKILL}
                """
            )
            try await machine.importBox()
            let before = try await machine.berth("why", "web")
            #expect(before.status == 2)
            #expect(before.out.contains("nothing of project \(machine.project) was brought up"))
            #expect(before.out.contains("create container \(machine.project)-web-1"))

            #expect(try await machine.berth("up", "-d").status != 0)
            let web = try await machine.berth("why", "web")
            #expect(web.status == 2)
            for words in [
                "web was not started", "it waits for db to be healthy, and db is unhealthy",
                "exit code 1", "no rows", "warming up",
            ] {
                #expect(web.out.contains(words), "\(words): \(web.out)")
            }
            let job = try await machine.berth("why", "job")
            #expect(job.status == 2)
            #expect(job.out.contains("ended with exit code 3") && job.out.contains("boom"))
            let lost = try await machine.berth("why", "lost")
            #expect(
                lost.out.contains("could not be started") && lost.out.contains("nosuch"),
                "\(lost.out)"
            )
            let well = try await machine.berth("why", "well")
            #expect(well.status == 0, "\(well.out)")
            #expect(well.out.contains("`berth up` would change nothing"))

            let all = try await machine.berth("why", "--format", "json")
            #expect(all.status == 2)
            let document = try JSONSerialization.jsonObject(with: Data(all.out.utf8))
            let services = (document as? [String: Any])?["services"] as? [[String: Any]]
            let verdicts = services?.map { "\($0["service"] ?? "") \($0["verdict"] ?? "")" }
            #expect(
                verdicts == ["db wrong", "job wrong", "lost wrong", "web wrong", "well well"]
            )
            let nobody = try await machine.berth("why", "nobody")
            #expect(nobody.status == 1 && nobody.err == "no such service: nobody\n")
            // The name alone is enough.
            try await machine.run(["rm", "compose.yaml"])
            let unfiled = try await machine.berth("-p", machine.project, "why", "job")
            #expect(unfiled.status == 2 && unfiled.out.contains("boom"), "\(unfiled.err)")
        }
    }

    @Test("names who has the port, the mistake in the file, and the image that is not there")
    func neverUp() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep nc")
            let holder = try machine.start(["busybox", "nc", "-l", "-p", "8080"])
            try await machine.until("nc listens") {
                try await machine.run(["sh", "-c", "grep -q ':1F90 .* 0A ' /proc/net/tcp*"]).status
                    == 0
            }
            let service = "image: box, command: [sleep, '9'], ports: ['8080:80']"
            try machine.write("services: {web: {\(service)}}\n")
            let port = try await machine.berth("why", "web")
            #expect(port.status == 2)
            #expect(port.out.contains("address already in use by"), "\(port.out)")
            try holder.signal(SIGKILL)
            _ = try await holder.end()

            try machine.write("services: {web: {image: box, use_api_socket: true}}\n")
            let refused = try await machine.berth("why", "web")
            #expect(refused.status == 2)
            #expect(refused.out.contains("the file has mistakes"), "\(refused.out)")
            #expect(refused.out.contains("compose.yaml:1:"), "\(refused.out)")

            try machine.write("services: {web: {image: nosuch, pull_policy: never}}\n")
            let image = try await machine.berth("why", "web")
            #expect(image.status == 2)
            #expect(image.out.contains("image nosuch is not on this machine"), "\(image.out)")
        }
    }
}
