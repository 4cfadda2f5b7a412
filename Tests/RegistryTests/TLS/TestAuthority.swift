import Foundation
import NIOSSL
import Testing

/// An authority of certificates made by openssl in a test's folder.
struct TestAuthority {
    static let openssl = "/usr/bin/openssl"
    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    let folder: Folder
    let name: String

    /// Makes a key and a certificate that vouches for itself: `NAME.key`, `NAME.crt`.
    init(_ name: String, in folder: Folder) throws {
        self.folder = folder
        self.name = name
        try run(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=\(name)",
            "-keyout",
            path("\(name).key"),
            "-out",
            path("\(name).crt")
        )
    }

    func path(_ name: String) -> String { folder.url.appending(path: name).path() }

    /// Makes `FILE.key` and `FILE.cert` for a host, or for a person. Less than no `days` is in the past.
    func issue(_ file: String, for subject: String, names: String, days: Int = 2) throws {
        try run(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=\(subject)",
            "-keyout",
            path("\(file).key"),
            "-out",
            path("\(file).csr")
        )
        try folder.write("subjectAltName=\(names)\n", to: "\(file).ext")
        try run(
            ["x509", "-req", "-in", path("\(file).csr"), "-CA", path("\(name).crt")]
                + ["-CAkey", path("\(name).key"), "-CAcreateserial"]
                + [
                    "-extfile", path("\(file).ext"), "-out", path("\(file).cert"), "-days",
                    "\(days)",
                ]
        )
    }

    private func run(_ arguments: String...) throws { try run(arguments) }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: Self.openssl)
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let words = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0,
            "openssl \(arguments): \(String(decoding: words, as: UTF8.self))"
        )
    }

    /// What a server needs that shows `FILE.cert`; with `wantsClients` only to whom this authority
    /// vouches for.
    func context(_ file: String, wantsClients: Bool = false) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("\(file).cert")).map {
                .certificate($0)
            },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(file: path("\(file).key"), format: .pem)
            )
        )
        if wantsClients {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(path("\(name).crt"))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
