import ArgumentParser
import Engine

/// `--builder` of the commands that look at one.
struct BuilderOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The builder, otherwise that of BUILDX_BUILDER: there is one, by each of its names.",
            valueName: "name"
        )
    )
    var builder: String?

    /// The name that is meant: `given`, the option, the variable, or the current one.
    /// - Throws: `Failure` for a name that the builder does not have.
    @discardableResult
    func check(_ given: String? = nil) throws -> String {
        let names = BuilderNames(of: .ofMachine())
        let variable = Machine.environment()["BUILDX_BUILDER"].flatMap { $0.isEmpty ? nil : $0 }
        let name = given ?? builder ?? variable ?? names.current
        try names.check(name)
        return name
    }
}
