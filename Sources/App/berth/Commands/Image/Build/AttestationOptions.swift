import ArgumentParser
import Builder

/// Options of a build for statements beside the image.
struct AttestationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "State where the image comes from, in an index: true, or mode=min|max, builder-id=, "
                + "reproducible=.",
            valueName: "value"
        )
    )
    var provenance: String?

    @Option(help: ArgumentHelp("Only false: no list of packages is made.", valueName: "value"))
    var sbom: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("The same as --provenance.", valueName: "type=provenance[,key=value]")
    )
    var attest: [String] = []

    /// What is asked for; nil for nothing.
    func statement() throws -> BuildProvenance? {
        var values = provenance.map { ["--provenance": $0] } ?? [:]
        var lists = sbom.map { ["--sbom": $0] } ?? [:]
        for text in attest {
            var fields = text.split(separator: ",").map(String.init)
            guard let place = fields.firstIndex(where: { $0.hasPrefix("type=") }) else {
                throw Failure("--attest \(text): attestation type not specified; write type=")
            }
            let type = fields.remove(at: place).dropFirst("type=".count)
            let rest = fields.isEmpty ? "true" : fields.joined(separator: ",")
            switch type {
            case "provenance":
                guard values.isEmpty else {
                    throw Failure("--attest \(text): duplicate attestation field provenance")
                }
                values["--attest \(text)"] = rest
            case "sbom": lists["--attest \(text)"] = rest
            default: throw Failure("--attest \(text): unknown type \(type); it is provenance")
            }
        }
        for (flag, value) in lists.sorted(by: { $0.key < $1.key }) {
            try Self.refuseList(value, flag)
        }
        guard let (flag, value) = values.first else { return nil }
        do { return try BuildProvenance(parsing: value) } catch {
            throw Failure(
                flag.hasPrefix("--attest") ? "\(flag): \(error)" : "\(flag) \(value): \(error)"
            )
        }
    }

    /// The options of `berth build`: what stands over the file's; nil where nothing is said.
    static func checked(provenance: String?, sbom: String?) throws -> String? {
        if let sbom { try refuseList(sbom, "--sbom") }
        do { _ = try provenance.map { try BuildProvenance(parsing: $0) } } catch {
            throw Failure("--provenance \(provenance ?? ""): \(error)")
        }
        return provenance
    }

    /// A list of an image's packages takes a scanner.
    private static func refuseList(_ value: String, _ flag: String) throws {
        let isOff = ["false", "0", "f", "disabled=true"].contains(value.lowercased())
        guard !isOff else { return }
        throw Failure(
            "\(flag): no list of packages is made: that takes a scanner's image, which is not run here; "
                + "scan the image when it is built, and leave \(flag.prefix { $0 != " " }) out"
        )
    }
}
