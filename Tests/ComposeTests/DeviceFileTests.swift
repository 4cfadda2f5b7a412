import OrderedCollections
import Testing
import TestSupport

@testable import Compose

/// Files of the Container Device Interface, and what services ask for by the names in them.
@Suite("Device files")
struct DeviceFileTests {
    private static let yaml = """
        cdiVersion: "0.7.0"
        kind: acme.com/gpu
        containerEdits:
          env: [COMMON=1]
        devices:
          - name: all
          - name: "0"
            containerEdits:
              env: [GADGET=zero]
              deviceNodes:
                - {path: /dev/g0, hostPath: /dev/null, permissions: rw, fileMode: 432, uid: 5, gid: 6}
                - path: /dev/zero
              mounts:
                - {hostPath: /lib/a, containerPath: /opt/a, options: [ro, nosuid, rbind]}
              additionalGids: [44]
          - {name: "1", containerEdits: {env: [GADGET=one]}}
          - {name: "0:1", containerEdits: {}}
          - {name: hooked, containerEdits: {hooks: [{hookName: createContainer, path: /bin/x}]}}
          - {name: odd, containerEdits: {netDevices: [{hostInterfaceName: a}]}}
        """
    private static let json = #"{"kind": "nvidia.com/gpu", "devices": [{"name": "all"}]}"#

    private func options() -> LoadOptions {
        .test(.run, environment: ["BERTH_CDI_DIRS": "/cdi:/late"])
    }

    private func edits(
        _ attribute: String,
        _ files: [String: String] = ["/cdi/a.yaml": yaml]
    ) throws -> DeviceEdits? {
        let text = "services: {web: {image: x, \(attribute)}}"
        return try load(text, files: files, options: options()).project.services["web"]?.devices
            .edits
    }

    @Test("a device brings what its file says of it, and what the file says of all, once")
    func whole() throws {
        let edits = try #require(try edits("devices: [acme.com/gpu=0, 'acme.com/gpu=0:1']"))
        var expected = DeviceEdits()
        expected.names = ["acme.com/gpu=0", "acme.com/gpu=0:1"]
        expected.environment = ["COMMON=1", "GADGET=zero"]
        expected.nodes = [
            .init(
                path: "/dev/g0",
                hostPath: "/dev/null",
                permissions: "rw",
                mode: 0o660,
                user: 5,
                group: 6
            ),
            .init(
                path: "/dev/zero",
                hostPath: "/dev/zero",
                permissions: "rwm",
                mode: 0o666,
                user: 0,
                group: 0
            ),
        ]
        expected.mounts = [
            .init(
                hostPath: "/lib/a",
                containerPath: "/opt/a",
                readOnly: true,
                isRecursive: true,
                options: ["nosuid"]
            )
        ]
        expected.groups = [44]
        #expect(edits == expected)
    }

    @Test(
        "graphics processors are devices of the driver's file, or of the only one there is",
        arguments: [
            ("gpus: all", ["acme.com/gpu=all"]),
            ("gpus: [{count: 2}]", ["acme.com/gpu=0", "acme.com/gpu=1"]),
            ("gpus: [{driver: acme, device_ids: ['1']}]", ["acme.com/gpu=1"]),
            ("gpus: [{driver: cdi, device_ids: ['acme.com/gpu=0:1']}]", ["acme.com/gpu=0:1"]),
            (
                "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1}]}}}",
                ["acme.com/gpu=0"]
            ),
        ] as [(String, [String])]
    )
    func processors(attribute: String, names: [String]) throws {
        #expect(try edits(attribute)?.names == names)
    }

    @Test("nvidia comes first, JSON is read, and a later folder counts before an earlier one")
    func order() throws {
        let files = [
            "/cdi/a.yaml": Self.yaml, "/cdi/n.json": Self.json,
            "/late/n.yml":
                "{kind: nvidia.com/gpu, devices: [{name: all, containerEdits: {env: [L=1]}}]}",
        ]
        let edits = try edits("gpus: all", files)
        #expect(edits?.names == ["nvidia.com/gpu=all"])
        #expect(edits?.environment == ["L=1"])
    }

    @Test("who only looks at the project reads no such file")
    func others() throws {
        let text = "services: {web: {image: x, devices: [acme.com/none=x], gpus: all}}"
        #expect(try load(text).project.services["web"]?.devices.edits == nil)
    }

    @Test(
        "what is not there, or not carried out, is said at its place",
        arguments: [
            (
                "devices: [acme.com/gpu=7]",
                "devices[0]: CDI device injection failed: unresolvable CDI devices acme.com/gpu=7; "
                    + "/cdi/a.yaml has 0, 0:1, 1, all, hooked, odd"
            ),
            (
                "devices: [other.com/gpu=7]",
                "unresolvable CDI devices other.com/gpu=7; no file in /cdi or /late declares other.com/gpu"
            ),
            (
                "devices: [acme.com/gpu=hooked]",
                "CDI device acme.com/gpu=hooked of /cdi/a.yaml: its hooks (createContainer) are not"
            ),
            ("devices: [acme.com/gpu=odd]", "/cdi/a.yaml: its netDevices is not carried out"),
            (
                "gpus: [{driver: nvidia}]",
                "gpus[0]: could not select device driver \"nvidia\" with capabilities: [[gpu]]; no "
                    + "file in /cdi or /late declares nvidia.com/gpu"
            ),
            (
                "gpus: [{capabilities: [tpu]}]",
                "could not select device driver \"\" with capabilities: [[tpu]]; gpu is what"
            ),
            (
                "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 3}]}}}",
                "unresolvable CDI devices acme.com/gpu=2; /cdi/a.yaml has"
            ),
        ]
    )
    func refused(attribute: String, words: String) {
        let text = "services:\n  web:\n    image: x\n    \(attribute)\n"
        let found = problems(text, files: ["/cdi/a.yaml": Self.yaml], options: options())
        #expect(found.contains("compose.yaml:4:"), "\(found)")
        #expect(found.contains(words), "\(found)")
    }

    @Test(
        "a file that is none does not count, and is named where something is missing",
        arguments: [
            ("a: [", "/cdi/b.yaml: line 1: "), ("devices: []", "/cdi/b.yaml: it has no kind"),
            ("kind: other.com/gpu\ndevices: [{}]", "/cdi/b.yaml: a device of it has no name"),
        ]
    )
    func faults(content: String, words: String) throws {
        let text = "services: {web: {image: x, devices: [other.com/gpu=1]}}"
        let found = problems(text, files: ["/cdi/b.yaml": content], options: options())
        #expect(found.contains(words), "\(found)")
        // Beside one that is right it does no harm.
        let files = ["/cdi/a.yaml": Self.yaml, "/cdi/b.yaml": content]
        #expect(try edits("devices: [acme.com/gpu=1]", files)?.environment.count == 2)
    }

    @Test("two files of one folder that declare a device are both named")
    func conflicts() {
        let text = "services: {web: {image: x, devices: [nvidia.com/gpu=all]}}"
        let files = ["/cdi/a.json": Self.json, "/cdi/b.json": Self.json]
        let found = problems(text, files: files, options: options())
        #expect(found.contains("it is declared by /cdi/a.json and /cdi/b.json"), "\(found)")
    }

    @Test(
        "names are read as the specification has them",
        arguments: [
            ("vendor.com/class=name", true), ("nvidia.com/gpu=0:1", true),
            ("a/b=GPU-0_1.x", true), ("/dev/a=b", false), ("vendor/class", false),
            ("vendor.com/class=", false), ("1a.com/b=c", false), ("a.com/b=-c", false),
            ("a.com/b=c-", false), ("a.com/b.c=d", false), ("a.com/b/c=d", false),
        ]
    )
    func names(text: String, isName: Bool) {
        #expect(DeviceMapping.isQualifiedName(text) == isName)
    }
}
