/// What compose files are called where none is named.
package enum ComposeFileNames {
    /// The first that is there is the project's. compose-go `cli.DefaultFileNames`
    package static let usual = [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    ]
    /// The first of these is laid over it. compose-go `cli.DefaultOverrideFileNames`
    static let overrides = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
        "docker-compose.override.yaml",
    ]
}
