import ArgumentParser
import Bake

/// Options of `bake` that are for every target.
struct BakeWishes: ParsableArguments {
    @Flag(name: .customLong("no-cache"), help: "Carry out every step.")
    var noCache = false

    @Flag(help: "Pull the images that Dockerfiles build upon, though they are here.")
    var pull = false

    @Flag(help: "Push the images of targets when they are built.")
    var push = false

    @Flag(help: "Keep the images on this machine, whatever output says.")
    var load = false

    @Option(help: ArgumentHelp("As --provenance of a build.", valueName: "value"))
    var provenance: String?

    @Option(help: ArgumentHelp("As --sbom of a build.", valueName: "value"))
    var sbom: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What targets may ask for in entitlements: network.host, security.insecure.",
            valueName: "entitlement"
        )
    )
    var allow: [String] = []

    @Option(
        help: ArgumentHelp(
            "Ask of the Dockerfiles instead of building: check, outline, targets.",
            valueName: "kind[,format=json]"
        ),
        completion: .list(["build", "check", "outline", "targets"])
    )
    var call: String?

    @Flag(help: "Check the Dockerfiles and build nothing, as --call=check.")
    var check = false

    /// What files may have been allowed is no question here: a build reads what its user may read.
    private static let ofFiles: Set<String> = ["fs", "fs.read", "fs.write", "ssh"]

    /// What is allowed of what a build knows.
    func allowed() throws -> Set<String> {
        let names = allow.flatMap { $0.split(separator: ",") }.map { text in
            String(text.prefix { $0 != "=" })
        }
        for name in names
        where !Self.ofFiles.contains(name) && !["network.host", "security.insecure"].contains(name)
        {
            throw Failure("--allow \(name): network.host or security.insecure")
        }
        return Set(names).subtracting(Self.ofFiles)
    }

    /// What is said of every target, over what each says itself.
    var everywhere: BakeEverywhere {
        var all = BakeEverywhere()
        (all.noCache, all.pull, all.pushes, all.loads) = (noCache, pull, push, load)
        (all.provenance, all.sbom) = (provenance, sbom)
        return all
    }
}
