package import OCI
import SystemPackage

extension DockerfileSource {
    /// All that the checks find in a file that can be built.
    func findings(
        _ dockerfile: Dockerfile,
        _ plan: BuildPlan,
        _ request: BuildRequest,
        images: [PlatformImage: ImageConfiguration],
        ignored: IgnoreRules?,
        all: Bool = false
    ) throws(DockerfileError) -> DockerfileCheck {
        var check = try DockerfileCheck(text, name: name, request)
        check.checkBases(dockerfile, request)
        for stage in plan.stages where plan.needed.contains(stage.index) {
            guard case .image(let needed) = stage.base, let image = images[needed],
                stage.platform.rank(of: image.platform) == nil,
                let node = check.node(at: stage.stage.lines)
            else { continue }
            check.find(
                .invalidBaseImagePlatform,
                "Base image \(needed.reference.familiar) was pulled with platform "
                    + "\"\(image.platform)\", expected \"\(stage.platform)\" for current build",
                at: node
            )
        }
        var stages = StageCheck(
            plan: plan,
            images: images,
            contexts: request.namedContexts,
            ignored: ignored
        )
        stages.run(&check, all: all)
        return check
    }

    /// Tells what the checks find, and ends the build where the file wants it.
    func check(
        _ plan: BuildPlan,
        _ request: BuildRequest,
        images: [PlatformImage: ImageConfiguration],
        ignored: IgnoreRules?,
        progress: (BuildEvent) -> Void
    ) throws {
        let check = try findings(plan.dockerfile, plan, request, images: images, ignored: ignored)
        for warning in check.warnings { progress(.warning(warning)) }
        let findings = check.ordered
        if !findings.isEmpty { progress(.findings(findings)) }
        guard let violation = check.violation else { return }
        throw BuildError(
            file: name,
            line: findings.first?.lines.lowerBound ?? 0,
            message: violation
        )
    }
}

extension Builder {
    /// Checks a Dockerfile and builds nothing. `image` gives the configuration of an image that is at
    /// hand; where it is not, variables of its environment are not judged, and the report says so.
    package func check(
        _ request: BuildRequest,
        image: @escaping @Sendable (PlatformImage) async throws -> ImageConfiguration?,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> CheckReport {
        try await looking(request, progress: progress) { try await report($0, image) }
    }

    /// Fetches contexts, lets `body` look at them, and removes them.
    func looking<R: Sendable>(
        _ request: BuildRequest,
        progress: @escaping @Sendable (BuildEvent) -> Void,
        _ body: (BuildRequest) async throws -> R
    ) async throws -> R {
        try await recover()
        let workspace = try BuildWorkspace(in: workspaces)
        do {
            var fetch = ContextFetch(store: store, workspace: workspace, progress: progress)
            let result = try await body(try await fetch.carryOut(request))
            try workspace.remove()
            return result
        } catch {
            // The first cause is what the user must see; the next build removes what is left.
            try? workspace.remove()
            throw error
        }
    }

    private func report(
        _ request: BuildRequest,
        _ image: (PlatformImage) async throws -> ImageConfiguration?
    ) async throws -> CheckReport {
        let source = try DockerfileSource(of: request)
        var images: [PlatformImage: ImageConfiguration] = [:]
        var notes: [String] = []
        for needed in source.images(request) {
            if let configuration = try await image(needed) {
                images[needed] = configuration
                continue
            }
            notes.append(
                "image \(needed.reference.familiar) is not on this machine: whether variables come from "
                    + "its environment is not checked; pull it to have that checked"
            )
        }
        let contexts = try BuildContexts(
            request,
            dockerfile: source.path,
            digests: FileDigests(store: folder.appending("file-digests"))
        )
        var report = try source.report(request, images: images, ignored: contexts.mainRules)
        report.notes = notes + report.notes
        return report
    }
}

extension DockerfileSource {
    /// The images that the build would take, sorted; none where the file is not valid.
    fileprivate func images(_ request: BuildRequest) -> [PlatformImage] {
        // `try?`: why it is not valid is said by the report.
        guard let dockerfile = try? parse(request),
            let plan = try? BuildPlan(dockerfile, request)
        else { return [] }
        return plan.images(request).keys.sorted()
    }

    /// Checks the file; what the lines say by themselves is told though it may not be valid.
    func report(
        _ request: BuildRequest,
        images: [PlatformImage: ImageConfiguration],
        ignored: IgnoreRules?,
        all: Bool = false
    ) throws(DockerfileError) -> CheckReport {
        var report = CheckReport(file: name, text: text)
        let place = request.isContextFetched ? nil : path?.string
        report.shownFile = request.shownDockerfile ?? place ?? name
        var check = try DockerfileCheck(text, name: name, request)
        do throws(DockerfileError) {
            let dockerfile = try parse(request)
            check.checkBases(dockerfile, request)
            let plan = try BuildPlan(dockerfile, request)
            check = try findings(
                dockerfile,
                plan,
                request,
                images: images,
                ignored: ignored,
                all: all
            )
            report.error = check.violation
        } catch {
            report.error = error.problems.map(\.message).joined(separator: "\n")
            report.errorLine = error.problems.first?.line ?? 0
        }
        report.findings = check.ordered
        report.notes = check.warnings
        return report
    }
}
