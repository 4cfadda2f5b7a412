import ImageStore
import Linux
import OCI

extension Builder {
    /// Writes the image's documents.
    func finish(
        _ state: StageState,
        _ request: BuildRequest,
        _ date: SourceDate?,
        _ steps: [CachedStep],
        _ hold: StoreHold
    ) async throws -> BuildResult {
        var state = state
        if let date, request.rewritesTimes { try await rewriteTimes(of: &state, to: date) }
        var configuration = state.configuration
        configuration.config.labels.merge(request.labels) { $1 }
        date?.apply(to: &configuration)
        let (complete, layers) = (configuration, state.layers)
        let store = store
        return try await blocking { () throws(any Error) in
            var bytes = try OCIJSON.encode(complete)
            if let name = request.embeddedCacheName {
                let own = Set(complete.diffIDs)
                let cache = ["steps": steps.filter { own.contains($0.layer) }]
                bytes = try Self.adding(OCIJSON.encode(cache), named: name, to: bytes)
            }
            let manifest = Manifest(
                config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
                layers: layers,
                annotations: request.annotations.at(.manifest, for: request.platform)
            )
            let manifestBytes = try OCIJSON.encode(manifest)
            let image = try store.writeBlob(bytes)
            try store.writeBlob(manifestBytes)
            return BuildResult(
                image: image,
                manifest: Descriptor(mediaType: MediaType.ociManifest, of: manifestBytes),
                configuration: complete,
                layers: layers,
                sourceDateSeconds: date?.seconds,
                steps: steps,
                hold: hold
            )
        }
    }

    /// An object of JSON with one member more, behind the others.
    private static func adding(_ value: [UInt8], named name: String, to object: [UInt8]) -> [UInt8]
    {
        var bytes = object
        while let last = bytes.last, last != UInt8(ascii: "}") { bytes.removeLast() }
        return bytes.dropLast() + Array(",\"\(name)\":".utf8) + value + [UInt8(ascii: "}")]
    }

    /// Makes every layer that steps made again, with no file younger than the date. The layers of
    /// the image that they are built upon stay what they are.
    private func rewriteTimes(of state: inout StageState, to date: SourceDate) async throws {
        let store = store
        for index in state.layers.indices.dropFirst(state.baseLayerCount) {
            let diffID = state.configuration.diffIDs[index]
            let tar = try await onOwnThread { () throws(any Error) in
                try store.stageTar(of: store.layerPath(diffID), times: .atMost(date.seconds))
            }
            guard tar.digest != diffID else { continue }
            state.layers[index] = try await store.addLayer(tar)
            state.configuration.diffIDs[index] = tar.digest
        }
    }
}
