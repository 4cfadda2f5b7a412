import Builder
import Compose
import OrderedCollections
import SystemPackage

extension BuildRequest {
    /// What a service's `build` asks for. Every member of it is here but `tags`, which are names of
    /// the result, and `additionalContexts`, which `namedContexts` are made of. An argument without a
    /// value has that of the environment.
    init(
        of declaration: BuildDeclaration,
        namedContexts: [String: NamedContext],
        environment: [String: String]
    ) {
        self.init(context: FilePath(declaration.context))
        dockerfile =
            declaration.dockerfileInline.map { .inline($0) }
            ?? .path(FilePath(declaration.dockerfile))
        for (key, value) in declaration.args { arguments[key] = value ?? environment[key] }
        target = declaration.target
        labels = Dictionary(uniqueKeysWithValues: declaration.labels.map { ($0, $1) })
        self.namedContexts = namedContexts
    }
}
