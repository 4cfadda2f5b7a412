/// Bounds of what the files of a project may ask for, so that hostile ones are refused within a
/// second and with little memory. Each is far above what anybody writes.
package struct LoadLimits: Sendable {
    /// Levels of mappings and lists in a file, and of templates in a template.
    package var depth = 100
    /// Nodes written in one file.
    package var fileNodes = 600_000
    /// Elements of one list, keys of one mapping.
    package var elements = 100_000
    /// Bytes of one scalar, as it is written.
    package var scalarBytes = 1 << 20
    /// Documents in one file.
    package var documents = 50_000
    /// Services in one document. No machine has the processes for so many.
    package var services = 30_000
    /// Anchors in one file.
    package var anchors = 50_000
    /// Nodes that aliases stand for, in one file. The reference stops at the same number.
    package var aliasedNodes = 100_000
    /// Text that aliases stand for, in one file.
    package var aliasedBytes = 16 << 20
    /// Size of one file.
    package var fileBytes = 16 << 20
    /// `%` lines in one file: the parser compares each with all others.
    package var directives = 100
    /// Files read: includes, extended and env files all counted.
    package var files = 50_000
    /// Env and label files that services name, each time counted, whether they are there or not.
    package var namedFiles = 50_000
    /// Variables in one env file. No process starts with so many: execve(2) takes some megabytes.
    package var fileVariables = 100_000
    /// Variables that env files bring into the project and its services, each time counted.
    package var variables = 500_000
    /// How often files are included, each time counted: two that include the same two, and so on,
    /// double with every level.
    package var includes = 10_000
    /// Files that include each other in a row, and services that extend each other in a row.
    package var chain = 100
    /// Nodes of all trees that are put together: a file counts as often as it is included.
    package var nodes = 1_200_000
    /// Text that variables and env files bring into values.
    package var textBytes = 64 << 20
    /// Problems that are counted beyond those told; then the load is given up.
    package var countedProblems = 10_000

    package init() {}
}

/// What is left of the limits that hold for a load as a whole.
struct LoadBudget: Sendable {
    var nodes: Int
    var textBytes: Int
    var includes: Int
    var namedFiles: Int
    var variables: Int
    /// Counts up to here; does not change.
    let countedProblems: Int

    init(_ limits: LoadLimits) {
        nodes = limits.nodes
        textBytes = limits.textBytes
        includes = limits.includes
        namedFiles = limits.namedFiles
        variables = limits.variables
        countedProblems = limits.countedProblems
    }
}
