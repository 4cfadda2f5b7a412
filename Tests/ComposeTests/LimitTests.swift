import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// Limits, devices and profiles that no machine can give, found at their place before anything runs.
@Suite("Limits")
struct LimitTests {
    @Test(
        "a limit that cannot be is refused where it stands, with docker's rule",
        arguments: [
            ("mem_limit: 4m", "mem_limit: 4194304 bytes are less than the 6 MiB"),
            ("mem_limit: 512", "write 512m for MiB"),
            ("mem_reservation: 1m", "mem_reservation: 1048576 bytes are less than"),
            (
                "deploy: {resources: {limits: {memory: 1m}}}",
                "deploy.resources.limits.memory: 1048576 bytes are less than"
            ),
            (
                "{mem_limit: 16m, mem_reservation: 32m}",
                "mem_reservation: more memory is reserved than the limit allows; the limit is at"
            ),
            ("memswap_limit: 64m", "memswap_limit: a limit of memory and swap needs one of memory"),
            (
                "{mem_limit: 64m, memswap_limit: 32m}",
                "memswap_limit: memory and swap together are less than the memory limit"
            ),
            ("mem_swappiness: 101", "mem_swappiness: 101 is not a swappiness; 0 to 100"),
            ("cpu_period: 10", "cpu_period: 10 is not possible; 1000 to 1000000"),
            ("cpu_quota: 10", "cpu_quota: 10 is not possible; 1000 microseconds or more"),
            ("cpu_shares: -1", "cpu_shares: -1 is not possible"),
            ("{cpus: 1, cpu_quota: 50000}", "cpu_quota: cpus and cpu_quota exclude each other"),
            (
                "{cpu_period: 50000, deploy: {resources: {limits: {cpus: \"1\"}}}}",
                "cpu_period: cpus and cpu_period exclude each other"
            ),
            ("blkio_config: {weight: 5}", "blkio_config: 5 is not a weight; 10 to 1000"),
            (
                "blkio_config: {weight_device: [{path: /dev/a, weight: 1001}]}",
                "blkio_config: 1001 is not a weight"
            ),
            ("devices: [fuse]", "devices[0]: \"fuse\" is not the path of a device"),
            ("devices: [\"/dev/fuse:fuse\"]", "devices[0]: no device can be at \"fuse\""),
            ("devices: [\"/dev/fuse:/proc/x\"]", "devices[0]: no device can be at \"/proc/x\""),
            ("devices: [\"/dev/fuse:/a/../b\"]", "devices[0]: no device can be at \"/a/../b\""),
            ("cgroup_parent: ../x", "cgroup_parent: \"../x\" is not the path of a group"),
        ]
    )
    func refused(attributes: String, words: String) throws {
        let text = file(attributes)
        let found = problems(text, options: .test(.run))
        #expect(found.contains("compose.yaml:3:"), "\(found)")
        #expect(found.contains(words), "\(found)")
        #expect(problems(text) == "", "config shows it")
    }

    @Test(
        "0 and -1 say nothing, or no limit",
        arguments: [
            "mem_limit: 0", "{mem_limit: 64m, memswap_limit: -1}", "memswap_limit: -1",
            "mem_swappiness: -1", "cpu_quota: -1", "cpu_period: 0", "{cpus: 0, cpu_quota: 5000}",
            "pids_limit: -1", "pids_limit: 0", "blkio_config: {weight: 0}",
            "{mem_limit: 64m, memswap_limit: 64m}", "{mem_limit: 64m, mem_reservation: 64m}",
        ]
    )
    func nothing(attributes: String) throws {
        #expect(problems(file(attributes), options: .test(.run)) == "")
    }

    private func file(_ attributes: String) -> String {
        let inner =
            attributes.hasPrefix("{") ? String(attributes.dropFirst().dropLast()) : attributes
        return "services:\n  web:\n    {image: x, \(inner)}\n"
    }

    @Test("a seccomp profile is read beside the project, for a run alone")
    func profile() throws {
        let text = "services: {web: {image: x, security_opt: [\"seccomp=./a.json\"]}}"
        let json = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}"
        let loaded = try load(text, files: ["a.json": json], options: .test(.run))
        #expect(
            loaded.project.services["web"]?.security.securityOpt
                == [.seccompProfile(path: "./a.json", json: json)]
        )
        #expect(
            try load(text).project.services["web"]?.security.securityOpt
                == [.seccompProfile(path: "./a.json", json: nil)]
        )
    }

    @Test(
        "a seccomp profile that is none is a problem at its place",
        arguments: [
            (nil, "cannot read /project/a.json: no such file or directory"),
            ("nope", "/project/a.json is not a seccomp profile: "),
            ("{\"syscalls\": []}", "is not a seccomp profile: it has no defaultAction"),
        ] as [(String?, String)]
    )
    func wrongProfile(content: String?, words: String) {
        let text = "services:\n  web:\n    image: x\n    security_opt: [seccomp=a.json]\n"
        let found = problems(
            text,
            files: content.map { ["a.json": $0] } ?? [:],
            options: .test(.run)
        )
        #expect(found.contains("compose.yaml:4:20: services.web.security_opt[0]: "), "\(found)")
        #expect(found.contains(words), "\(found)")
    }

    @Test(
        "what is refused for good says why at its place, and what to do",
        arguments: [
            (
                "gpus: all",
                "gpus[0]: could not select device driver \"\" with capabilities: [[gpu]]"
            ),
            (
                "deploy: {resources: {limits: {devices: [{capabilities: [gpu]}]}}}",
                "deploy.resources.limits.devices: cannot be carried out: a service has the devices"
            ),
            ("runtime: runsc", "runtime: cannot be carried out: unknown or invalid runtime name"),
            (
                "isolation: hyperv",
                "isolation: cannot be carried out: linux only supports 'default'"
            ),
            (
                "storage_opt: {size: 1G}",
                "storage_opt: cannot be carried out: it is supported only for overlay over xfs with"
            ),
            (
                "userns_mode: private",
                "userns_mode: cannot be carried out: a container has the machine's users"
            ),
            ("devices: [vendor.com/gpu=all]", "devices[0]: CDI device injection failed"),
        ]
    )
    func refusedForGood(attribute: String, words: String) throws {
        let text = "services:\n  web:\n    image: nginx\n    \(attribute)\n"
        let found = problems(text, options: .test(.run))
        #expect(found.contains("compose.yaml:4:"), "\(found)")
        #expect(found.contains("services.web.\(words)"), "\(found)")
        // The words after the reason.
        #expect(found.contains("; "), "\(found)")
        _ = try load(text)
    }

    @Test(
        "what every container has anyway may be written",
        arguments: [
            "runtime: runc", "runtime: io.containerd.runc.v2", "isolation: default",
            "userns_mode: host", "userns_mode: auto", "platform: linux/amd64", "platform: arm/v7",
            "privileged: false",
            "security_opt: [label=disable, seccomp=builtin, apparmor=unconfined]",
        ]
    )
    func ordinary(attribute: String) throws {
        let text = "services:\n  web:\n    image: nginx\n    \(attribute)\n"
        #expect(try load(text, options: .test(.run)).warnings.isEmpty)
    }
}
