import ArgumentParser
import Glibc

/// Options of `image build` that say where the result goes.
struct BuildOutputs: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            "Where the result goes instead: a folder, - for a tar on stdout, or "
                + "type=local|tar|oci|docker|image|registry|cacheonly with dest=, name=, push=, "
                + "rewrite-timestamp=, compression=; may be repeated.",
            valueName: "dir|-|type=kind[,key=value]"
        ),
        completion: .directory
    )
    var output: [String] = []

    @Flag(help: "Push the image under all its names when it is built.")
    var push = false

    @Flag(help: "Keep the image on this machine, whatever --output says.")
    var load = false

    /// All of them, as docker decides on them.
    func outputs() throws -> [BuildOutput] {
        // An empty one is none, as of a variable that is not set.
        var outputs = try output.filter { !$0.isEmpty }.map { try BuildOutput(parsing: $0) }
        if push {
            for index in outputs.indices where outputs[index].isImage {
                outputs[index].pushes = true
            }
            if !outputs.contains(where: \.isImage) {
                outputs.append(BuildOutput(kind: .image, pushes: true))
            }
        }
        if load, !outputs.contains(where: \.isImage) { outputs.append(.image) }
        if outputs.isEmpty { outputs = [.image] }
        try check(outputs)
        return outputs
    }

    /// What can be known before anything is built.
    private func check(_ outputs: [BuildOutput]) throws {
        let streams = outputs.filter { $0.destination == "-" }
        guard streams.count <= 1 else {
            throw Failure("multiple outputs configured to write to stdout")
        }
        if !streams.isEmpty, Terminal.isInteractive(.out) {
            throw Failure(
                "dest file is required for this output. refusing to write to console; "
                    + "add dest=FILE or redirect stdout"
            )
        }
        for output in outputs where output.kind != .folder {
            guard let path = output.destination, path != "-" else { continue }
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                throw Failure("destination file \(path) is a directory")
            }
        }
    }
}
