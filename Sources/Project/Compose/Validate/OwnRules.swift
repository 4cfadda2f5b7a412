import OrderedCollections

/// Rules of `x-berth` of a service, which hold for `config` as for `up`.
struct OwnRules {
    func check(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, service) in root["services"]?.map ?? [:] {
            check(service, "services.\(name)", &diagnostics)
        }
    }

    /// A check from outside is one of three, and the only one.
    private func check(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let check = service["x-berth"]?["healthcheck"] else { return }
        let path = "\(path).x-berth.healthcheck"
        UnsupportedValues.checkSpans(of: check, path, &diagnostics)
        let kinds = ["http", "tcp", "log"].filter { check[$0] != nil }
        if kinds.count != 1 {
            let second = kinds.dropFirst().first
            diagnostics.problem(
                second.map { "\(kinds[0]) and \($0) exclude each other" }
                    ?? "says nothing that could be asked",
                at: second.flatMap { check[$0]?.keyMark } ?? check.keyMark,
                hint: "one of http: http://localhost:8080/health, tcp: 5432 and log: a regular "
                    + "expression",
                path: second.map { "\(path).\($0)" } ?? path
            )
        }
        if let other = service["healthcheck"] {
            diagnostics.problem(
                "healthcheck and x-berth.healthcheck exclude each other",
                at: check.keyMark,
                hint:
                    "leave out the one at \(diagnostics.words(for: other.keyMark, from: check.keyMark))",
                path: path
            )
        }
        if let log = check["log"], service["logging"]?["driver"]?.string == "none" {
            diagnostics.problem(
                "looks at a log that is not kept: the logging driver is none",
                at: log.mark,
                hint: "another driver, or http or tcp",
                path: "\(path).log"
            )
        }
    }
}
