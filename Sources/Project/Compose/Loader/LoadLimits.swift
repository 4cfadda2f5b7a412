/// Bounds of what the files of a project may ask for, so that hostile ones are refused within a
/// second and with little memory. Each is far above what anybody writes.
package struct LoadLimits: Sendable {
    /// Levels of mappings and lists in a file, and of templates in a template.
    package var depth = 100
    /// Nodes written in one file.
    package var fileNodes = 1_000_000
    /// Nodes that aliases stand for, in one file. The reference stops at the same number.
    package var aliasedNodes = 100_000
    /// Text that aliases stand for, in one file.
    package var aliasedBytes = 64 << 20
    /// Size of one file.
    package var fileBytes = 16 << 20
    /// `%` lines in one file: the parser compares each with all others.
    package var directives = 100
    /// Files read: includes, extended and env files all counted.
    package var files = 50_000
    /// How often files are included, each time counted: two that include the same two, and so on,
    /// double with every level.
    package var includes = 10_000
    /// Files that include each other in a row, and services that extend each other in a row.
    package var chain = 100
    /// Nodes of all trees that are put together: a file counts as often as it is included.
    package var nodes = 2_000_000
    /// Text that variables and env files bring into values.
    package var textBytes = 64 << 20

    package init() {}
}

/// What is left of the limits that hold for a load as a whole.
struct LoadBudget: Sendable {
    var nodes: Int
    var textBytes: Int
    var includes: Int

    init(_ limits: LoadLimits) {
        nodes = limits.nodes
        textBytes = limits.textBytes
        includes = limits.includes
    }
}
