import ContainerRuntime
import Foundation
import Glibc
import Linux
import OCI
package import SystemPackage

/// What an image was built of, as far as that can be said without building: by it an image is known to be
/// stale. Values are digests, since some are nobody else's business.
///
/// Not compared: secrets and ssh agents, which do not count for the cache either, contexts that are
/// fetched, caches, and whether the cache is used.
package struct BuildInputs: Equatable, Sendable {
    /// Digests of values by what people know them as: `args.VERSION`, `Dockerfile`.
    package var facts: [String: String] = [:]
    /// Folders, by the name of the context; the build's own has none.
    package var contexts: [String: ContextListing] = [:]
    /// What the steps read of these, by the same names; known after the build.
    package private(set) var covered: [String: CoveredPaths] = [:]
    /// Identifiers of the images that it was built upon, by reference; known after the build.
    package var bases: [String: String] = [:]

    /// None.
    package init() {}

    /// Those of a build that is about to begin; of contexts only what an earlier one read, where that is known.
    /// - Throws: for what cannot be read.
    package init(of request: BuildRequest, covered: [String: CoveredPaths] = [:]) throws {
        self.covered = covered
        var dockerfile: FilePath?
        switch request.dockerfile {
        case .address(let address): note("dockerfile", address)
        case .inline(let text), .alone(let text): note("dockerfile_inline", text)
        case .path(let path) where request.remoteContext == nil:
            let source = try DockerfileSource(of: request)
            dockerfile = source.path
            note(path.string, source.text)
        case .path(let path): note("dockerfile", path.string)
        }
        noteOptions(of: request)
        if let remote = request.remoteContext {
            note("context", "\(remote)")
        } else if let context = request.context {
            let rules = try IgnoreRules(ofContext: context, dockerfile: dockerfile)
            contexts[""] = try ContextListing(
                of: context,
                rules,
                only: covered[""] ?? .all
            )
        }
        for (name, context) in request.namedContexts {
            let key = "additional_contexts.\(name)"
            switch context {
            case .directory(let folder):
                let rules = try IgnoreRules(ofContext: folder, dockerfile: nil)
                contexts[name] = try ContextListing(
                    of: folder,
                    rules,
                    only: covered[name] ?? .all
                )
            case .remote(let remote): note(key, "\(remote)")
            case .image(let reference): note(key, reference.description)
            // The caller has its identifier.
            case .built: break
            }
        }
    }

    private mutating func noteOptions(of request: BuildRequest) {
        for (name, value) in request.arguments { note("args.\(name)", value) }
        for (name, value) in request.labels { note("labels.\(name)", value) }
        for (name, layout) in request.layoutContexts {
            note("additional_contexts.\(name)", "\(layout)")
        }
        note("target", request.target)
        note("network", "\(request.networkMode)")
        if let size = request.shmSizeBytes { note("shm_size", String(size)) }
        note("extra_hosts", request.extraHosts.map { "\($0.name)=\($0.address)" })
        note("ulimits", request.resourceLimits.map { "\($0.name)=\($0.soft):\($0.hard)" })
        note("entitlements", request.entitlements.map(\.rawValue))
    }

    /// Values whose order does not count; none is nothing to note.
    private mutating func note(_ name: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        note(name, values.sorted().joined(separator: "\n"))
    }

    /// One more value; nil is nothing to note.
    package mutating func note(_ name: String, _ value: String?) {
        guard let value else {
            facts[name] = nil
            return
        }
        let hex: String = Digest.of(value.utf8).hex
        facts[name] = String(hex.prefix(32))
    }
}

extension BuildInputs {
    /// Takes notice of what the build read of its contexts: the rest does not count.
    package mutating func limit(to read: [String: CoveredPaths]) {
        for (name, listing) in contexts {
            let limited = listing.limited(to: read[name] ?? CoveredPaths([]))
            contexts[name] = limited.listing
            covered[name] = limited.covered
        }
    }

    /// What differs from what an image was built of, in words: `src/app.py changed`. Bases are not compared
    /// here.
    package func differences(from former: BuildInputs) -> [String] {
        var words: [String] = []
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            guard let before = former.contexts[name] else {
                words.append("additional_contexts.\(name) added")
                continue
            }
            let place: String = name.isEmpty ? "" : "\(name): "
            for change in context.changes(since: before) {
                words.append(place + change.description)
            }
        }
        for name in former.contexts.keys.sorted() where contexts[name] == nil {
            words.append(name.isEmpty ? "context changed" : "additional_contexts.\(name) removed")
        }
        let names: Set<String> = Set(facts.keys).union(former.facts.keys)
        for name in names.sorted() {
            let change: String
            if former.facts[name] == nil {
                change = "\(name) added"
            } else if facts[name] == nil {
                change = "\(name) removed"
            } else if former.facts[name] != facts[name] {
                change = "\(name) changed"
            } else {
                continue
            }
            if !words.contains(change) { words.append(change) }
        }
        return words
    }
}

/// What an image was built of was written down, and cannot be read any more.
struct DamagedInputs: Error, CustomStringConvertible {
    let path: FilePath

    var description: String { "\(path) is damaged; `berth build` writes it anew" }
}

extension BuildInputs {
    private struct Header: Codable {
        var version = 1
        var image: String
        var facts: [String: String]
        var bases: [String: String]
        var contexts: [Part]

        struct Part: Codable {
            var name: String
            var length: Int
            var covered: [String]
        }
    }

    private static let limit = 512 << 20

    /// Writes down of what an image with this identifier was built.
    package func write(of image: String, to path: FilePath) throws {
        var header = Header(image: image, facts: facts, bases: bases, contexts: [])
        var rest: [UInt8] = []
        for name in contexts.keys.sorted() {
            guard let listing = contexts[name] else { continue }
            let prefixes = (covered[name] ?? CoveredPaths.all).prefixes.sorted()
            let part = Header.Part(name: name, length: listing.bytes.count, covered: prefixes)
            header.contexts.append(part)
            rest += listing.bytes
        }
        var bytes = [UInt8](try JSONEncoder().encode(header))
        bytes.append(UInt8(ascii: "\n"))
        bytes += rest
        try atomicWrite(bytes, to: path, synced: false)
    }

    /// Of what the image with this identifier was built; nil where that is not known: it was not built here,
    /// or by another version.
    /// - Throws: for a file that is damaged or cannot be read.
    package static func read(of image: String, from path: FilePath) throws -> BuildInputs? {
        guard let bytes = try readFileIfThere(path, limit: limit) else { return nil }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            // `try?`: the reader's words say nothing to a user.
            let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[..<end]))
        else { throw DamagedInputs(path: path) }
        guard header.version == 1, header.image == image else { return nil }
        LastUse.note(path)
        var inputs = BuildInputs()
        inputs.facts = header.facts
        inputs.bases = header.bases
        var next = end + 1
        for part in header.contexts {
            guard part.length >= 0, part.length <= bytes.count - next else {
                throw DamagedInputs(path: path)
            }
            let listing = ContextListing(bytes: Array(bytes[next..<(next + part.length)]))
            inputs.contexts[part.name] = listing
            inputs.covered[part.name] = CoveredPaths(literal: part.covered)
            next += part.length
        }
        return inputs
    }
}
