package import Compose
import OrderedCollections

extension Service {
    /// The images that it mounts, as the file calls them: references, or services whose image it is.
    var mountedImages: [String] {
        var seen: Set<String> = []
        return volumes.compactMap { mount in
            guard case .image(let name) = mount.source, seen.insert(name).inserted else {
                return nil
            }
            return name
        }
    }
}

extension Project {
    /// Whether a service has this name, enabled or not.
    func hasService(_ name: String) -> Bool {
        services[name] != nil || disabledServices[name] != nil
    }

    /// The reference of an image that is mounted: that of the service of this name, else the name.
    package func reference(ofMounted name: String) -> String {
        guard let service = declaredService(name) else { return name }
        return service.imageReference(in: self)
    }

    /// Services whose images others mount, besides those: they are pulled or built, whether or not they
    /// are to run.
    func services(mountedBy chosen: some Sequence<Service>) -> [Service] {
        var names = Set(chosen.map(\.name))
        return chosen.flatMap(\.mountedImages).compactMap { name in
            guard let service = declaredService(name) else { return nil }
            return names.insert(name).inserted ? service : nil
        }
    }
}
