import Foundation

/// What every test says to Debian's docker-registry, wherever it starts it: on loopback, in a
/// machine of its own, with TLS or without.
package enum DebianRegistry {
    package static let executable = "/usr/bin/docker-registry"

    package static var isInstalled: Bool { isInstalled(with: []) }

    /// Whether it is there with other programs, named by their paths.
    package static func isInstalled(with others: [String]) -> Bool {
        ([executable] + others).allSatisfy(FileManager.default.isExecutableFile)
    }

    /// Its variables: it traces to nobody.
    package static let environment = ["OTEL_TRACES_EXPORTER": "none"]

    /// The text of its configuration file: it listens at an address, where port 0 is one that is
    /// free and is written into its log; content may be deleted. `http` and `more` are further
    /// lines, in YAML.
    package static func configuration(
        storage: String,
        address: String,
        http: String = "",
        more: String = ""
    ) -> String {
        """
        version: 0.1
        log: {level: info, formatter: text}
        storage: {filesystem: {rootdirectory: "\(storage)"}, delete: {enabled: true}}
        http:
          addr: "\(address)"
        \(http)\(more)
        """
    }

    /// The requests in what it wrote, `GET /v2/app/manifests/1`, in their order.
    package static func requests(in log: some StringProtocol) -> [String] {
        log.split(separator: "\n").compactMap { line in
            String(line).firstMatch(of: /"([A-Z]+ \S+) HTTP/).map { String($0.1) }
        }
    }

    /// The words of skopeo that copy an OCI layout into it under a name; `options` come before them.
    package static func pushing(
        _ layout: String,
        as name: String,
        _ options: [String] = []
    ) -> [String] {
        [
            "skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests",
            "--dest-tls-verify=false",
        ] + options + ["oci:\(layout)", "docker://\(name)"]
    }
}
