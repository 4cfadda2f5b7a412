import ArgumentParser
import Testing

@testable import berth

/// The flags of docker's commands that look, copy and keep house.
@Suite("docker's flags")
struct DockerFlagsTests {
    /// As `docker 28.2.2 --help` shows them.
    private static let table: [(command: [String], flags: String)] = [
        (["cp"], "-a --archive -L --follow-link -q --quiet"),
        (["diff"], ""),
        (["container", "inspect"], "-f --format -s --size"),
        (["container", "prune"], "--filter -f --force"),
        (["commit"], "-a --author -c --change -m --message -p --pause"),
        (["export"], "-o --output"),
        (["inspect"], "-f --format -s --size --type"),
        (["image", "inspect"], "-f --format --platform"),
        (
            ["ps"],
            "-a --all -f --filter --format -n --last -l --latest --no-trunc -q --quiet -s --size"
        ),
        (
            ["network", "create"],
            """
            --attachable --aux-address --config-from --config-only -d --driver --gateway --ingress \
            --internal --ip-range --ipam-driver --ipam-opt --ipv4 --ipv6 --label -o --opt --scope \
            --subnet
            """
        ),
        (["network", "inspect"], "-f --format -v --verbose"),
        (["network", "ls"], "-f --filter --format --no-trunc -q --quiet"),
        (["network", "prune"], "--filter -f --force"),
        (["network", "rm"], "-f --force"),
        (
            ["volume", "create"],
            """
            --availability -d --driver --group --label --limit-bytes -o --opt --required-bytes \
            --scope --secret --sharing --topology-preferred --topology-required --type
            """
        ),
        (["volume", "inspect"], "-f --format"),
        (["volume", "ls"], "--cluster -f --filter --format -q --quiet"),
        (["volume", "prune"], "-a --all --filter -f --force"),
        (["volume", "rm"], "-f --force"),
        (["info"], "-f --format"), (["version"], "-f --format"),
        (["events"], "-f --filter --format --since --until"),
        (["system", "df"], "--format -v --verbose"),
    ]

    @Test("each is carried out, or refused by name with the reason")
    func known() throws {
        for (words, flags) in Self.table {
            var type: any ParsableCommand.Type = Docker.self
            for word in words {
                guard let next = type.subcommand(named: word) else {
                    Issue.record("no such command: \(words)")
                    break
                }
                type = next
            }
            let spellings = try CommandSpellings(of: type)
            for flag in flags.split(separator: " ").map(String.init) {
                #expect(
                    spellings.flags[flag] != nil || spellings.options[flag] != nil,
                    "docker \(words.joined(separator: " ")) \(flag)"
                )
            }
        }
    }
}
