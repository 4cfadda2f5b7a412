import ArgumentParser

/// What is made, what stays and what goes: of every verb that makes a project's containers.
struct MakingFlags: ParsableArguments {
    @Flag(
        name: .customLong("no-build"),
        help: "Build nothing: an image that is missing is an error."
    )
    var noBuild = false

    @Flag(name: .customLong("force-recreate"), help: "Recreate containers that did not change.")
    var forceRecreate = false

    @Flag(name: .customLong("no-recreate"), help: "Leave containers as they are.")
    var noRecreate = false

    @Flag(name: .customLong("remove-orphans"), help: "Remove containers of no service.")
    var removeOrphans = false

    @Flag(help: "Replace containers that another folder of the same name made.")
    var adopt = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Number of containers of a service.", valueName: "service=n"),
        completion: .scales
    )
    var scale: [String] = []

    /// Whether the other asks for the same.
    func says(_ other: MakingFlags) -> Bool {
        noBuild == other.noBuild && forceRecreate == other.forceRecreate
            && noRecreate == other.noRecreate && removeOrphans == other.removeOrphans
            && adopt == other.adopt && scale == other.scale
    }
}
