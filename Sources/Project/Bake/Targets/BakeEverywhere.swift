/// What a command line says of every target: `--no-cache`, `--push` and the like, which buildx puts over
/// targets as `--set *.no-cache=true` would.
package struct BakeEverywhere: Hashable, Sendable {
    /// `--no-cache`
    package var noCache = false
    /// `--pull`
    package var pull = false
    /// `--push`
    package var pushes = false
    /// `--load`
    package var loads = false
    /// The value of `--provenance`; nil where it is not given.
    package var provenance: String?
    /// The value of `--sbom`; nil where it is not given.
    package var sbom: String?

    /// Says nothing.
    package init() {}

    fileprivate var attestations: [BakeOptions] {
        [("provenance", provenance), ("sbom", sbom)].compactMap { type, value in
            value.map { BakeOptions(attestation: type, $0) }
        }
    }
}

extension BakePlan {
    /// Puts what is said of every target over what each says itself. Those that nobody asked for are
    /// neither pushed nor kept.
    package mutating func apply(_ everywhere: BakeEverywhere) {
        for index in targets.indices {
            var said = BakeTarget(name: targets[index].name)
            if everywhere.noCache { said.fields[.noCache] = .flag(true) }
            if everywhere.pull { said.fields[.pull] = .flag(true) }
            let attestations = everywhere.attestations
            if !attestations.isEmpty { said.fields[.attest] = .options(attestations) }
            targets[index].merge(said)
            guard !linked.contains(targets[index].name) else { continue }
            var outputs = targets[index].options(.output)
            if everywhere.pushes { Self.push(&outputs) }
            if everywhere.loads { Self.load(&outputs) }
            if everywhere.pushes || everywhere.loads {
                targets[index].fields[.output] = .options(outputs)
            }
        }
    }

    /// Adds labels to a target, which win over its own.
    package mutating func label(_ name: String, _ labels: [String: String]) {
        guard let index = targets.firstIndex(where: { $0.name == name }) else { return }
        var said = BakeTarget(name: name)
        said.fields[.labels] = .map(labels)
        targets[index].merge(said)
    }

    /// Images are pushed; where there is no output but docker's, an image is pushed besides.
    private static func push(_ outputs: inout [BakeOptions]) {
        let isNew = outputs.allSatisfy { $0.values["type"] == "docker" }
        for index in outputs.indices where outputs[index].values["type"] == "image" {
            outputs[index].values["push"] = "true"
        }
        if isNew { outputs.append(BakeOptions(["type": "image", "push": "true"])) }
    }

    /// Keeps the image on this machine besides, unless something else than an image is wanted.
    private static func load(_ outputs: inout [BakeOptions]) {
        for output in outputs {
            switch output.values["type"] {
            case "docker": if output.values["dest"] == nil { return }
            case "image", "registry", "oci": continue
            default: return
            }
        }
        outputs.append(BakeOptions(["type": "docker"]))
    }
}

extension BakeOptions {
    /// `--provenance=VALUE` or `--sbom=VALUE` as an attestation: true, false, or `key=value` with commas.
    init(attestation type: String, _ value: String) {
        self.init(["type": type])
        switch value.lowercased() {
        case "true", "1", "t": return
        case "false", "0", "f": values["disabled"] = "true"
        default:
            for field in value.split(separator: ",") {
                let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
                values[parts[0]] = parts.count == 2 ? parts[1] : ""
            }
        }
    }
}
