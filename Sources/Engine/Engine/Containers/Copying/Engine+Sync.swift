package import ContainerRuntime
import Linux

extension Engine {
    /// Makes files of a container what they are on the host; what is made belongs to the container's
    /// own user where its image or its service names one. Of what fails the rest is done all the same.
    package func sync(_ items: [FileSync.Item], into container: ContainerRecord) async throws {
        let user = try container.spec.process.user
        let name = container.name
        try await withFiles(of: container.id) { root, shift in
            try shift.act()
            let sync = try FileSync(into: root, ownedBy: user, shift: shift)
            var failures: [String] = []
            for item in items {
                do throws(SyscallError) {
                    try sync.put(item)
                } catch {
                    failures.append("\(item.source) to \(name):\(item.target): \(error.reason)")
                }
            }
            guard let first = failures.first else { return }
            let rest = failures.count - 1
            throw CopyError("cannot copy \(first)" + (rest > 0 ? ", and \(rest) more" : ""))
        }
    }
}
