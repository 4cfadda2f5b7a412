/// The platform that images run on here.
enum HostPlatform {
    /// What it is called in a compose file.
    static let names: [String] = {
        #if arch(x86_64)
            let machines = ["amd64", "x86_64", "x86-64"]
        #else
            let machines = ["arm64", "aarch64", "arm64/v8"]
        #endif
        return machines + machines.map { "linux/\($0)" }
    }()
}
