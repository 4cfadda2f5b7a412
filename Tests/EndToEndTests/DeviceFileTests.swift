import Foundation
import Testing
import TestSupport

/// Devices that are named as a file of the Container Device Interface has them, seen from inside.
@Suite("root: device files", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct DeviceFileRunTests {
    private static let file = """
        cdiVersion: "0.7.0"
        kind: acme.com/gpu
        devices:
          - name: "0"
            containerEdits:
              env: [GADGET=zero]
              deviceNodes: [{path: /dev/gadget, hostPath: /dev/zero, permissions: r, fileMode: 416}]
              mounts: [{hostPath: FOLDER/lib, containerPath: /opt/lib, options: [ro, rbind]}]
              additionalGids: [4711]
        """
    private static let look =
        "echo $GADGET; head -c 3 /dev/gadget | wc -c; cat /opt/lib/x; id -G; "
        + "touch /opt/lib/y 2>/dev/null || echo ro; ls -ln /dev/gadget | cut -c1-10"

    @Test("a service and a container of docker's have the node, the mount, variables and groups")
    func whole() async throws {
        try await TestMachine.with { machine in
            let path = machine.folder.path()
            let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
            try machine.write("lib\n", to: "lib/x")
            let text = Self.file.replacing("FOLDER", with: folder)
            try machine.write(text, to: "cdi/acme.yaml")
            let environment = ["BERTH_CDI_DIRS": "\(folder)/cdi"]
            try machine.writeSleepers(
                """
                  a:
                    build: {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [sh, -c, "exec sleep 1000"]
                    stop_signal: SIGKILL
                    environment: {GADGET: own}
                    gpus: [{driver: acme, count: 1}]

                """
            )
            let up = try await machine.berth("up", "-d", environment: environment)
            #expect(up.status == 0, "\(up.err)")
            let expected = ["zero", "3", "lib", "0 4711", "ro", "crw-r-----"]
            let seen = try await machine.berth("exec", "-T", "a", "sh", "-c", Self.look)
            #expect(seen.lines == expected, "\(seen.out)\(seen.err)")
            let run = try await machine.berth(
                "docker",
                "run",
                "--rm",
                "--device",
                "acme.com/gpu=0",
                "sleeper",
                "sh",
                "-c",
                Self.look,
                environment: environment
            )
            #expect(run.lines == expected, "\(run.out)\(run.err)")
            // A file that changes asks for another container.
            try machine.write(text.replacing("zero]", with: "other]"), to: "cdi/acme.yaml")
            let plan = try await machine.berth("plan", environment: environment)
            #expect(plan.out.contains("GADGET"), "\(plan.out)")
        }
    }
}
