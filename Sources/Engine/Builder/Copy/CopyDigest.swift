import Linux
import OCI
import SystemPackage

/// The content digest of what a COPY takes: names, kinds, modes, owners, links, attributes, data;
/// no times. Two selections with the same digest give the same layer but for times.
enum CopyDigest {
    /// A digest, and what stands for each file in it; nil where there are too many files.
    struct Listed {
        var digest: Digest
        var files: [String: String]?
    }

    /// Digests selections. Data goes through `digests`, which knows files that did not change. With
    /// `forcesRoot` every file counts as owned by 0:0, as the build context's do.
    static func listed(
        _ selections: [CopySelection],
        in view: LayeredTree,
        forcesRoot: Bool,
        digests: inout FileDigests
    ) throws -> Listed {
        let count = selections.reduce(0) { $0 + $1.items.count }
        var files: [String: String]? = count > StepFacts.fileLimit ? nil : [:]
        var key = KeyDigest("copied content")
        for selection in selections {
            key.add(selection.source.lastComponent.map(ViewFolder.bytes) ?? [])
            key.add(UInt64(selection.items.count))
            var numbers: [FileFacts.Identity: UInt64] = [:]
            for (index, item) in selection.items.enumerated() {
                let facts = item.facts
                key.add(item.path.bytes)
                key.add(UInt64(facts.kind.rawValue))
                key.add(UInt64(facts.mode))
                key.add(UInt64(forcesRoot ? 0 : facts.owner))
                key.add(UInt64(forcesRoot ? 0 : facts.group))
                key.add(item.linkTarget)
                key.add(facts.kind.isDevice ? facts.node : 0)
                let words = "\(facts.kind.rawValue) \(facts.mode)"
                let name = String(item.source.string.drop { $0 == "/" })
                guard facts.kind == .file else {
                    let target = String(decoding: item.linkTarget, as: UTF8.self)
                    if facts.kind != .folder { files?[name] = "\(words) \(target)" }
                    addAttributes(item.attributes, to: &key)
                    continue
                }
                // A further name of a file that came before is a hard link to it.
                let first = numbers[facts.identity]
                if facts.linkCount > 1, first == nil { numbers[facts.identity] = UInt64(index) }
                key.add(first.map { $0 + 1 } ?? 0)
                let file = try digests.file(item, in: view)
                key.add(file.data.hex)
                files?[name] = "\(words) \(file.data.hex)"
                addAttributes(file.attributes, to: &key)
            }
        }
        return Listed(digest: key.finish(), files: files)
    }

    private static func addAttributes(_ attributes: [String: [UInt8]], to key: inout KeyDigest) {
        key.add(UInt64(attributes.count))
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            key.add(name)
            key.add(value)
        }
    }
}

extension FileFacts {
    /// What two names of one file share.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }

    var identity: Identity { Identity(device: device, inode: inode) }
}

extension FileFacts.Kind {
    var isDevice: Bool { self == .characterDevice || self == .blockDevice }
}
