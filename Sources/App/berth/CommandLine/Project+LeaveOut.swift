import Compose
import OrderedCollections

extension Project {
    /// Takes services out of what is brought up, as if no profile let them in; what depends on them
    /// does not wait for them. Their containers stay as they are.
    /// - Throws: for one that there is not, that is `named` all the same, or without which another one
    ///   cannot be.
    mutating func leaveOut(_ left: [String], named: [String]) throws {
        for name in left {
            guard services[name] != nil || disabledServices[name] != nil || providers[name] != nil
            else { throw Failure("--except: no such service: \(name)") }
            guard !named.contains(name) else {
                throw Failure("--except: \(name) is asked for, too; leave it out of one of both")
            }
        }
        let left = Set(left)
        guard !left.isEmpty else { return }
        for (name, service) in services where !left.contains(name) {
            let shared = (service.sharedServices + service.mountingServices).filter(left.contains)
            guard shared.isEmpty else {
                throw Failure(
                    "--except: \(name) cannot be without \(shared[0]), whose namespaces or volumes it "
                        + "shares; leave out \(name), too"
                )
            }
        }
        for name in left {
            if let service = services.removeValue(forKey: name) { disabledServices[name] = service }
            providers[name] = nil
        }
        services = services.mapValues { service in
            var service = service
            service.dependsOn = service.dependsOn.filter { !left.contains($0.key) }
            service.providedBy.removeAll(where: left.contains)
            return service
        }
    }
}
