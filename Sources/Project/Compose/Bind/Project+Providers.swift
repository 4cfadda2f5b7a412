import OrderedCollections

extension Project {
    /// Takes the services that a program provides out of those that have containers, and what depends
    /// on them out of what waits for containers.
    mutating func separateProviders() {
        providers = services.filter { $1.provider != nil }
        let names = Set(providers.keys).union(
            disabledServices.filter { $1.provider != nil }.map(\.key)
        )
        guard !names.isEmpty else { return }
        func separated(
            _ services: OrderedDictionary<String, Service>
        ) -> OrderedDictionary<String, Service> {
            services.mapValues { service in
                var service = service
                service.providedBy = service.dependsOn.keys.filter(names.contains)
                service.dependsOn = service.dependsOn.filter { !names.contains($0.key) }
                return service
            }
        }
        providers = separated(providers)
        services = separated(services.filter { $1.provider == nil })
        disabledServices = separated(disabledServices.filter { $1.provider == nil })
    }
}
