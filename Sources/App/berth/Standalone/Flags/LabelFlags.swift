import ArgumentParser

/// What is written down of a container, and what becomes of what it writes.
struct LabelFlags: ServiceFlags {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Add a label.", valueName: "key=value")
    )
    var label: [String] = []

    @Option(
        name: .customLong("label-file"),
        parsing: .singleValue,
        help: ArgumentHelp("Add the labels of a file.", valueName: "path"),
        completion: .file()
    )
    var labelFile: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Add a note for who looks at it.", valueName: "key=value")
    )
    var annotation: [String] = []

    @Option(
        name: .customLong("log-driver"),
        help: ArgumentHelp("What keeps its log: json-file, local, none.", valueName: "name"),
        completion: .list(["json-file", "local", "none"])
    )
    var logDriver: String?

    @Option(
        name: .customLong("log-opt"),
        parsing: .singleValue,
        help: ArgumentHelp("How its log is kept: max-size=10m.", valueName: "key=value")
    )
    var logOpt: [String] = []

    func write(to service: inout FlaggedService) throws {
        for text in label where text.isEmpty || text.hasPrefix("=") {
            throw Self.mistake(text, of: "-l, --label", "invalid label '\(text)': empty name")
        }
        service.set("labels", label, by: "-l, --label")
        for path in labelFile { try Self.checkReadable(path) }
        service.set("label_file", labelFile, by: "--label-file")
        service.set("annotations", annotation, by: "--annotation")
        guard logDriver != nil || !logOpt.isEmpty else { return }
        let driver = logDriver.flatMap { $0.isEmpty ? nil : $0 } ?? "json-file"
        if driver == "none", !logOpt.isEmpty {
            throw Failure("invalid logging opts for driver none", exitCode: 125)
        }
        service.set("logging.driver", .text(driver), by: "--log-driver")
        if !logOpt.isEmpty {
            service.set("logging.options", .map(Self.pairs(logOpt)), by: "--log-opt")
        }
    }
}
