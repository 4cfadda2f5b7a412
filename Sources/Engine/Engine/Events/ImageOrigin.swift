import GRDB
package import OCI

/// How an image came here, which is what its events say.
package enum ImageOrigin: Hashable, Sendable {
    /// From a registry, asked for by this reference.
    case pull(ImageReference)
    case build
    case commit
    case `import`

    /// Docker's events, in its order. The names of an image that was pulled have no events.
    func note(_ image: ImageRecord, _ names: [ImageReference], _ db: Database) throws {
        let id = "\(image.id)"
        func tags() throws {
            for name in names {
                try EventRecord.note("tag", image: id, name: name.resolvable.familiar, db)
            }
        }
        switch self {
        case .pull(let reference):
            try EventRecord.noteTransfer(
                "pull",
                of: id,
                as: reference.resolvable.familiar,
                repository: reference.familiarName,
                db
            )
        case .build:
            try tags()
            try EventRecord.note("create", image: id, db)
        case .commit:
            try EventRecord.note("create", image: id, db)
            try tags()
        case .import:
            try tags()
            try EventRecord.note("import", image: id, db)
        }
    }
}
