import KernelNames
import OrderedCollections

/// Rules about words that the kernel and the engine know: `ServiceBinder` reads them the same way,
/// so that what passes here means something there.
extension Rules {
    func checkWords(_ service: Node, _ report: inout Report) {
        if let restart = service["restart"], let text = filled(restart),
            RestartDeclaration(text) == nil
        {
            report.problem(
                "unknown restart policy \"\(text)\"",
                at: restart.mark,
                hint: RestartDeclaration.hint(text),
                path: report.pathText + ".restart"
            )
        }
        if let signal = service["stop_signal"], let text = filled(signal), Signal(text) == nil {
            report.problem(
                "unknown signal \"\(text)\"",
                at: signal.mark,
                hint: report.suggestion(for: text, among: Signal.names)
                    ?? "a name of signal(7), such as SIGINT, or a number from 1 to 64",
                path: report.pathText + ".stop_signal"
            )
        }
        for key in ["cap_add", "cap_drop"] { checkCapabilities(service, key, &report) }
        checkTmpfs(service, &report)
        checkMountOptions(service, &report)
    }

    private func checkCapabilities(_ service: Node, _ key: String, _ report: inout Report) {
        for (index, item) in (service[key]?.list ?? []).enumerated() {
            guard let text = known(item), Capability.Choice(text) == nil else { continue }
            let names = Capability.names.map { String($0.dropFirst("CAP_".count)) }
            let likely = text.uppercased() == "CAP_ALL" ? "write ALL" : nil
            report.problem(
                "unknown capability \"\(text)\"",
                at: item.mark,
                hint: likely ?? report.suggestion(for: text, among: names)
                    ?? "ALL, or a name of capabilities(7), such as NET_ADMIN",
                path: "\(report.pathText).\(key)[\(index)]"
            )
        }
    }

    private func checkTmpfs(_ service: Node, _ report: inout Report) {
        for (index, item) in (service["tmpfs"]?.list ?? []).enumerated() {
            guard let text = known(item) else { continue }
            for mistake in ShortTmpfs(text).mistakes {
                report.problem(
                    mistake.message,
                    at: item.mark,
                    hint: mistake.hint,
                    path: "\(report.pathText).tmpfs[\(index)]"
                )
            }
        }
    }

    private func checkMountOptions(_ service: Node, _ report: inout Report) {
        for (index, mount) in (service["volumes"]?.list ?? []).enumerated() {
            let place = "\(report.pathText).volumes[\(index)]"
            if let node = mount["bind"]?["propagation"], let text = filled(node),
                VolumeMount.Propagation(text) == nil
            {
                let words = VolumeMount.Propagation.words
                report.problem(
                    "unknown propagation \"\(text)\"",
                    at: node.mark,
                    hint: report.suggestion(for: text, among: words)
                        ?? "one of \(words.joined(separator: ", "))",
                    path: place + ".bind.propagation"
                )
            }
            if let node = mount["tmpfs"]?["mode"], let mode = node.int,
                UInt32(exactly: mode).map(fileModes.contains) != true
            {
                report.problem(
                    "the mode \(String(mode, radix: 8)) has bits that no file has",
                    at: node.mark,
                    hint: "such as 01777",
                    path: place + ".tmpfs.mode"
                )
            }
        }
    }

    /// The text of a node that says something: empty is what a variable without a value leaves.
    private func filled(_ node: Node) -> String? {
        known(node).flatMap { $0.isEmpty ? nil : $0 }
    }
}
