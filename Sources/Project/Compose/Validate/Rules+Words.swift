import KernelNames
import OrderedCollections

/// Rules about words that the kernel and the engine know: `ServiceBinder` reads them the same way,
/// so that what passes here means something there.
extension Rules {
    func checkWords(_ service: Node, _ diagnostics: inout Diagnostics) {
        if let restart = service["restart"], let text = filled(restart),
            RestartDeclaration(text) == nil
        {
            diagnostics.problem(
                "unknown restart policy \"\(text)\"",
                at: restart.mark,
                hint: RestartDeclaration.hint(text),
                path: diagnostics.pathText + ".restart"
            )
        }
        if let signal = service["stop_signal"], let text = filled(signal), Signal(text) == nil {
            diagnostics.problem(
                "unknown signal \"\(text)\"",
                at: signal.mark,
                hint: diagnostics.suggestion(for: text, among: Signal.names)
                    ?? "a name of signal(7), such as SIGINT, or a number from 1 to 64",
                path: diagnostics.pathText + ".stop_signal"
            )
        }
        for key in ["cap_add", "cap_drop"] { checkCapabilities(service, key, &diagnostics) }
        checkTmpfs(service, &diagnostics)
        checkMountOptions(service, &diagnostics)
    }

    private func checkCapabilities(_ service: Node, _ key: String, _ diagnostics: inout Diagnostics)
    {
        for (index, item) in (service[key]?.list ?? []).enumerated() {
            guard let text = known(item), Capability.Choice(text) == nil else { continue }
            let names = Capability.names.map { String($0.dropFirst("CAP_".count)) }
            let likely = text.uppercased() == "CAP_ALL" ? "write ALL" : nil
            diagnostics.problem(
                "unknown capability \"\(text)\"",
                at: item.mark,
                hint: likely ?? diagnostics.suggestion(for: text, among: names)
                    ?? "ALL, or a name of capabilities(7), such as NET_ADMIN",
                path: "\(diagnostics.pathText).\(key)[\(index)]"
            )
        }
    }

    private func checkTmpfs(_ service: Node, _ diagnostics: inout Diagnostics) {
        for (index, item) in (service["tmpfs"]?.list ?? []).enumerated() {
            guard let text = known(item) else { continue }
            for mistake in ShortTmpfs(text).mistakes {
                diagnostics.problem(
                    mistake.message,
                    at: item.mark,
                    hint: mistake.hint,
                    path: "\(diagnostics.pathText).tmpfs[\(index)]"
                )
            }
        }
    }

    private func checkMountOptions(_ service: Node, _ diagnostics: inout Diagnostics) {
        for (index, mount) in (service["volumes"]?.list ?? []).enumerated() {
            let place = "\(diagnostics.pathText).volumes[\(index)]"
            if let node = mount["bind"]?["propagation"], let text = filled(node),
                VolumeMount.Propagation(text) == nil
            {
                let words = VolumeMount.Propagation.words
                diagnostics.problem(
                    "unknown propagation \"\(text)\"",
                    at: node.mark,
                    hint: diagnostics.suggestion(for: text, among: words)
                        ?? "one of \(words.joined(separator: ", "))",
                    path: place + ".bind.propagation"
                )
            }
            if let node = mount["tmpfs"]?["mode"], let mode = node.int,
                UInt32(exactly: mode).map(fileModes.contains) != true
            {
                diagnostics.problem(
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
