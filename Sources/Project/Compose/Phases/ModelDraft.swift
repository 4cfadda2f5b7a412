/// Several documents that were merged, on their way to be a project or a part of one.
struct ModelDraft {
    var root: Node
    let source: ModelSource
}

extension ModelDraft {
    typealias Row = Phase<Self>

    /// What the files of the project go through together, and those of each `include`.
    static let phases = [resolveDuplicates, resolvePaths]

    private static let resolveDuplicates = Row(.resolveDuplicates, finds: .combination) {
        session,
        draft in
        DuplicateResolver(reportsRepeats: true)
            .resolve(&draft.root, as: .fields(.project), &session.diagnostics)
    }

    /// Of what is a path though nothing in its own form says so.
    private static let resolvePaths = Row(.resolvePaths, finds: .combination) { session, draft in
        let base = session.pathBase(draft.source.pathDirectory)
        draft.root.update("services") { services in
            services.updateEach { _, service in
                service.update("build") { setContext(of: &$0, base) }
            }
        }
        draft.root.update("volumes") { volumes in
            volumes.updateEach { _, volume in resolveDevice(of: &volume, base) }
        }
    }

    /// A build without a context is in the model's directory.
    private static func setContext(of build: inout Node, _ base: PathBase) {
        guard build.map != nil else { return }
        // Empty is what a variable without a value leaves: no folder has that name.
        if let given = build["context"], given.string?.isEmpty == true {
            build.set("context", given.with(.string(base.resolve("."))))
        } else if build["context"]?.isNull ?? true {
            build.set("context", build.made(.string(base.resolve("."))))
        }
    }

    private static func resolveDevice(of volume: inout Node, _ base: PathBase) {
        guard volume["driver_opts"]?["o"]?.string == "bind" else { return }
        volume.update("driver_opts") { options in
            options.update("device") { device in
                if let path = device.string { device.value = .string(base.absolute(path)) }
            }
        }
    }
}
