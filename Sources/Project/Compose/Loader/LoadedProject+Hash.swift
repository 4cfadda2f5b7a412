extension LoadedProject {
    /// What docker compose hashes to know whether a service changed: its compact JSON without
    /// what may change while its containers stay. SHA-256 of it is docker's `config-hash`.
    /// - Returns: nil for a service that does not take part.
    package func hashedForm(ofService name: String) -> [UInt8]? {
        guard var service = root["services"]?[name] else { return nil }
        for key in ["build", "pull_policy", "scale", "depends_on", "profiles"] {
            service.set(key, nil)
        }
        service.update("deploy") { $0.set("replicas", nil) }
        return JSONWriter.compact(service, of: .fields(.service))
    }
}
