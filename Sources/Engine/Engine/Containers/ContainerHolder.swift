import GRDB

/// A container that is in the way of something, and what ends that, in the words of the commands.
struct ContainerHolder: Sendable {
    private let name: String
    private let project: String?
    private let service: String?
    private let isOneOff: Bool

    /// Reads the columns `name`, `project` and `service` of `containers`, and `isOneOff` where it is there.
    init(row: Row) {
        name = row["name"]
        project = row["project"]
        service = row["service"]
        isOneOff = row["isOneOff"] ?? false
    }

    /// `container shop-web-1 of project shop`.
    var words: String { "container \(name)" + (project.map { " of project \($0)" } ?? "") }

    /// `` `berth -p shop stop web` ``; nil for one of no project, which no such command knows. Commands on
    /// services leave one-off containers alone.
    fileprivate func command(_ verb: String) -> String? {
        if isOneOff { return "`berth container rm -f \(name)`" }
        return project.map { "`berth -p \($0) \(verb)\(service.map { " \($0)" } ?? "")`" }
    }
}

extension [ContainerHolder] {
    /// `container a-1 of project a, container b-1 of project b`.
    var words: String { map(\.words).joined(separator: ", ") }

    /// The commands that `stop` them or take them `down`, each once; nil where there are none.
    func commands(_ verb: String) -> String? {
        var commands: [String] = []
        for command in compactMap({ $0.command(verb) }) where !commands.contains(command) {
            commands.append(command)
        }
        return commands.isEmpty ? nil : commands.joined(separator: ", ")
    }
}
