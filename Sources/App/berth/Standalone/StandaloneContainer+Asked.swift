import ContainerRuntime
import Reconciler
import SystemPackage

extension StandaloneContainer {
    /// What the flags ask for that a service of a compose file does not have, or not so.
    func asked(_ asked: AskedSettings) throws -> AskedSettings {
        var asked = asked
        let process = flags.process
        if process.entrypoint != nil, command.isEmpty {
            asked.entrypointCount = min(asked.entrypointCount, 1)
        }
        if let signal = process.stopSignal { asked.stopSignal = signal }
        asked.stopTimeout = process.stopTimeout.map(Int64.init)
        asked.publishesAllPorts = flags.network.publishesAll
        asked.macAddress = flags.network.macAddress
        asked.binds = try flags.storage.volume.compactMap(Self.bind)
        asked.mountTargets = try flags.storage.mounts().map(\.target)
        asked.isUnconfined = flags.isolation.securityOpt.contains {
            ["seccomp=unconfined", "seccomp:unconfined"].contains($0)
        }
        return asked
    }

    /// A value of `--volume` as docker keeps it; nil for one without a source, which is none of these.
    private static func bind(_ text: String) throws -> String? {
        guard let end = text.firstIndex(of: ":") else { return nil }
        let source = text[..<end]
        guard source.hasPrefix(".") else { return text }
        let folder = try Machine.workingDirectory(insteadOfDeleted: "/")
        let path = FilePath(folder).appending(String(source)).lexicallyNormalized()
        return "\(path)\(text[end...])"
    }
}
