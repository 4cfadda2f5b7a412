extension RegistryHost {
    /// The ways to speak to it, the first to be tried first.
    ///
    /// On this machine plain http is usual and costs nothing to try; elsewhere it is tried only
    /// where the settings allow it, and after https.
    func schemes(_ settings: RegistrySettings) -> [String] {
        guard let authority = Authority(authority), authority.port != 443,
            settings.isInsecure(authority)
        else { return ["https"] }
        return authority.isLoopback ? ["http", "https"] : ["https", "http"]
    }
}
