import Foundation
import Glibc
import TestSupport
import Testing

/// Debian's docker-registry on an address of a test's machine that is not loopback, with a small
/// image, and with TLS, passwords or certificates of clients where a test wants them.
struct SecuredRegistry {
    static var isInstalled: Bool {
        DebianRegistry.isInstalled(with: ["/usr/bin/openssl", "/usr/bin/skopeo"])
    }

    static let address = "10.77.0.1"

    enum Guard { case none, password, clientCertificate }

    let authority: String
    private let machine: TestMachine
    private let program: Program
    private let log: URL

    /// Gives the machine its address, an authority (`ca.crt`), certificates and the image's layout.
    static func prepare(_ machine: TestMachine) async throws {
        try machine.write(
            """
            set -e
            ip addr add \(address)/32 dev lo
            key="ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            for name in ca stranger; do
                openssl req -x509 -newkey $key -days 2 -subj /CN=$name -keyout $name.key -out $name.crt
            done
            for name in server client; do
                openssl req -newkey $key -subj /CN=$name -keyout $name.key -out $name.csr
                echo "subjectAltName=IP:\(address)" > $name.ext
                openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \\
                    -extfile $name.ext -out $name.cert
            done
            # bcrypt of "secret"
            echo 'user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a' > htpasswd
            blobs=layout/blobs/sha256
            mkdir -p $blobs
            put() { h=$(sha256sum "$1" | cut -d' ' -f1); s=$(stat -c %s "$1"); mv "$1" $blobs/$h; }
            echo hello > file
            tar -cf blob file
            put blob
            layer="{\\"mediaType\\":\\"application/vnd.oci.image.layer.v1.tar\\",\\"digest\\":\\"sha256:$h\\",\\"size\\":$s}"
            printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \\
                "$(dpkg --print-architecture)" $h > blob
            put blob
            printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \\
                $h $s "$layer" > blob
            put blob
            printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s}]}' \\
                $h $s > layout/index.json
            echo '{"imageLayoutVersion":"1.0.0"}' > layout/oci-layout
            """,
            to: "prepare.sh"
        )
        let output = try await machine.run(["/bin/sh", "prepare.sh"])
        try #require(output.status == 0, "\(output.err)")
    }

    /// Starts it and puts the image into it under the names `app:1` and `library/app:1`.
    init(
        on machine: TestMachine,
        port: Int,
        tls: Bool,
        _ guarding: Guard = .none
    ) async throws {
        self.machine = machine
        authority = "\(Self.address):\(port)"
        let folder = machine.folder.path()
        var http = ""
        if tls {
            http = "  tls:\n    certificate: \(folder)/server.cert\n    key: \(folder)/server.key\n"
            if guarding == .clientCertificate {
                http += "    clientcas: [\(folder)/ca.crt]\n"
            }
        }
        let users = "auth: {htpasswd: {realm: here, path: \(folder)/htpasswd}}"
        let configuration = try machine.write(
            DebianRegistry.configuration(
                storage: "\(folder)/registry-\(port)",
                address: authority,
                http: http,
                more: guarding == .password ? users : ""
            ),
            to: "registry-\(port).yml"
        )
        log = machine.folder.appending(path: "registry-\(port).log")
        program = try machine.start(
            [
                "/bin/sh", "-c", "exec \"$@\" > \(log.path()) 2>&1", "sh",
                DebianRegistry.executable,
                "serve", configuration.path(),
            ],
            environment: DebianRegistry.environment
        )
        try await machine.until("the registry answers") {
            let probe = "exec 3<>/dev/tcp/\(Self.address)/\(port)"
            return try await machine.run(["/bin/bash", "-c", probe]).status == 0
        }
        for name in ["app:1", "library/app:1"] {
            let pushed = try await machine.run(
                ["/usr/bin/env"]
                    + DebianRegistry.pushing(
                        "layout",
                        as: "\(authority)/\(name)",
                        ["--dest-creds=user:secret", "--dest-cert-dir=\(folder)/client-only"]
                    )
            )
            try #require(pushed.status == 0, "\(pushed.err)")
        }
    }

    /// What it wrote about itself and its requests.
    func journal() throws -> String { try String(contentsOf: log, encoding: .utf8) }

    func end() async throws {
        try program.signal(SIGTERM)
        _ = try await program.end()
    }
}
