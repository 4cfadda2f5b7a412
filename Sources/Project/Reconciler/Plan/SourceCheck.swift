package import Compose
import OrderedCollections

extension Plan {
    /// Checks that the folders and files which its steps read are there and of the right kind,
    /// before the first of them is taken: what builds read, and the sources of mounts that are not
    /// made when they are missing. Each problem has the place in the file that names the path.
    package func checkSources(
        of project: Project,
        files: any FileReader = LocalFiles()
    ) throws(ReconcilerError) {
        var check = SourceCheck(files: files, projectDirectory: project.directory)
        for step in steps {
            switch step.operation {
            case .buildImage(let name, _):
                guard let service = project.services[name], let build = service.build else {
                    continue
                }
                check.check(build, of: name)
            case .createContainer(let wanted), .replaceContainer(_, let wanted, _):
                let name = wanted.reference.service
                guard let service = project.services[name] else { continue }
                check.check(service.volumes, of: name)
                check.check(service.configs, "config", project.configs)
                check.check(service.secrets, "secret", project.secrets)
            default: continue
            }
        }
        guard check.problems.isEmpty else { throw ReconcilerError(check.problems) }
    }
}

/// Looks at the paths of a project, and collects what is wrong with them.
private struct SourceCheck {
    let files: any FileReader
    let projectDirectory: String
    var problems: [ReconcilerError.Problem] = []

    mutating func check(_ build: BuildDeclaration, of service: String) {
        let path = "services.\(service).build"
        // What is fetched is looked at when it is there.
        if BuildDeclaration.isFetched(build.context) {
            checkFolders(build, service, path)
            return
        }
        switch files.kind(of: build.context) {
        case .directory: checkDockerfile(build, service, path)
        case .file?, .other?:
            add(
                "the build context \(build.context) is not a folder",
                "write {context: FOLDER, dockerfile: FILE} to build from a Dockerfile of another name",
                service,
                path + ".context"
            )
        case nil:
            add(
                "the build context \(build.context) \(reason(build.context))",
                "create the folder, or name the one that has the Dockerfile",
                service,
                path + ".context"
            )
        }
        checkFolders(build, service, path)
    }

    private mutating func checkFolders(
        _ build: BuildDeclaration,
        _ service: String,
        _ path: String
    ) {
        for (name, context) in build.additionalContexts where context.hasPrefix("/") {
            guard files.kind(of: context) != .directory else { continue }
            let isThere = files.kind(of: context) != nil
            add(
                "the build context \(context) " + (isThere ? "is not a folder" : reason(context)),
                isThere
                    ? "name the folder that it is in" : "create the folder, or name another one",
                service,
                path + ".additional_contexts.\(name)"
            )
        }
    }

    private mutating func checkDockerfile(
        _ build: BuildDeclaration,
        _ service: String,
        _ path: String
    ) {
        guard build.dockerfileInline == nil else { return }
        let file = Self.joined(build.context, build.dockerfile)
        // The builder takes the other spelling of the usual name, too.
        if build.dockerfile == "Dockerfile", files.kind(of: file) == nil,
            files.kind(of: Self.joined(build.context, "dockerfile")) != nil
        {
            return
        }
        switch files.kind(of: file) {
        case .file: return
        case .directory:
            add(
                "the Dockerfile \(file) is a folder",
                "name the file in it",
                service,
                path + ".dockerfile"
            )
        // A pipe is one that the builder refuses with its own words.
        case .other: return
        case nil:
            let other = Self.joined(projectDirectory, build.dockerfile)
            add(
                "the Dockerfile \(file) \(reason(file))",
                other != file && files.kind(of: other) == .file
                    ? "its path starts at the build context; to build with \(other), write that path"
                    : "create it, or name another one as \"dockerfile\"",
                service,
                path + ".dockerfile"
            )
        }
    }

    mutating func check(_ mounts: [VolumeMount], of service: String) {
        for (index, mount) in mounts.enumerated() {
            guard case .bind(let source, createHostPath: false) = mount.source,
                files.kind(of: source) == nil
            else { continue }
            add(
                "\(source) \(reason(source)), and \"create_host_path\" is false",
                "create it, or leave \"create_host_path\" out: then it is made as a folder",
                service,
                "services.\(service).volumes[\(index)].source"
            )
        }
    }

    /// The files of configs or secrets.
    mutating func check(
        _ references: [FileReference],
        _ kind: String,
        _ declared: OrderedDictionary<String, FileDeclaration>
    ) {
        for reference in references {
            guard let path = declared[reference.source]?.file, files.kind(of: path) == nil else {
                continue
            }
            var problem = ReconcilerError.Problem(
                "\(kind) \"\(reference.source)\"",
                "the file \(path) \(reason(path))",
                remedy: "create it, or name another one"
            )
            problem.path = "\(kind)s.\(reference.source).file"
            if !problems.contains(problem) { problems.append(problem) }
        }
    }

    private mutating func add(
        _ words: String,
        _ remedy: String,
        _ service: String,
        _ path: String
    ) {
        var problem = ReconcilerError.Problem("service \"\(service)\"", words, remedy: remedy)
        problem.path = path
        // Each replica mounts the same.
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// `does not exist`, or why it cannot be looked at.
    private func reason(_ path: String) -> String {
        do throws(FileReadError) {
            _ = try files.read(path)
        } catch {
            return error.reason == "no such file or directory"
                ? "does not exist" : "cannot be read: \(error.reason)"
        }
        return "does not exist"
    }

    private static func joined(_ folder: String, _ path: String) -> String {
        cleaned(path.hasPrefix("/") ? path : "\(folder)/\(path)")
    }
}
