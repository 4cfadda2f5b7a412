import Linux
import OCI
import SystemPackage

/// What the steps of earlier builds depended on, by the place of the step: a small file each, put in
/// place whole. One that cannot be read counts as missing.
struct StepRecords: Sendable {
    let folder: FilePath
    private static let limit = 16 << 20

    /// What stands for a step: the build's context and Dockerfile, the stage, and the line's text.
    static func place(_ request: BuildRequest, file: String, stage: String, text: String) -> Digest
    {
        var key = KeyDigest("step 1")
        key.add(request.remoteContext?.shown ?? request.context?.string ?? "")
        key.add(request.name ?? "")
        key.add(file)
        key.add(stage)
        key.add(text)
        return key.finish()
    }

    func facts(at place: Digest) -> StepFacts? {
        // Only for words: whatever is wrong with it, the step counts as new.
        guard let bytes = try? readFile(path(place), limit: Self.limit) else { return nil }
        return try? OCIJSON.decode(StepFacts.self, from: bytes, limit: Self.limit, subject: "step")
    }

    func store(_ facts: StepFacts, at place: Digest) throws {
        try makeDirectories(folder)
        try atomicWrite(try OCIJSON.encode(facts), to: path(place), synced: false)
    }

    private func path(_ place: Digest) -> FilePath { folder.appending(place.hex) }
}
