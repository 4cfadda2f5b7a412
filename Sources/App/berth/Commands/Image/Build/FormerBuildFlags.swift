import ArgumentParser

/// Flags of docker's former builder that scripts still have, and that nothing has to be done for: a
/// step leaves no container behind, and no context is sent to a server.
struct FormerBuildFlags: ParsableArguments {
    @Flag(help: .hidden) var compress = false
    @Flag(name: .customLong("force-rm"), help: .hidden) var forceRemove = false
    @Flag(
        name: .customLong("rm"),
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: .hidden
    )
    var remove = true
    @Flag(
        name: .customLong("disable-content-trust"),
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: .hidden
    )
    var disableContentTrust = true

    func check() throws {
        guard disableContentTrust else {
            throw Failure(
                "berth does not carry out `--disable-content-trust=false`: no signatures are checked",
                exitCode: 125
            )
        }
    }
}
