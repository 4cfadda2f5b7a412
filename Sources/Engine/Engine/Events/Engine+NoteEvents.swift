package import ContainerRuntime
import GRDB
import Logging
package import OCI

/// What commands do with containers and images and that changes no record: only its event is written.
/// One that cannot be written is no reason to refuse what it is about.
extension Engine {
    /// What is done with a container.
    package enum ContainerDeed: Hashable, Sendable {
        case attach
        case copiedOut
        case copiedIn
        case export
        case top
        case restart
        /// Its processes stand still while it is read, or go on after it.
        case standStill(Bool)
        case resize(rows: Int, columns: Int)
        case commit(image: Digest, name: ImageReference?, comment: String?)

        fileprivate var action: String {
            switch self {
            case .attach: "attach"
            case .copiedOut: "archive-path"
            case .copiedIn: "extract-to-dir"
            case .export: "export"
            case .top: "top"
            case .restart: "restart"
            case .standStill(let isStill): isStill ? "pause" : "unpause"
            case .resize: "resize"
            case .commit: "commit"
            }
        }

        fileprivate var attributes: [String: String] {
            switch self {
            case .resize(let rows, let columns): ["height": "\(rows)", "width": "\(columns)"]
            case .commit(let image, let name, let comment):
                [
                    "comment": comment ?? "", "imageID": "\(image)",
                    "imageRef": name?.resolvable.familiar ?? "",
                ]
            case .attach, .copiedOut, .copiedIn, .export, .top, .restart, .standStill: [:]
            }
        }
    }

    /// Notes what was done with a container.
    package func note(_ deed: ContainerDeed, of id: ContainerID) async {
        await noteQuietly { db in
            guard let record = try ContainerRecord.find(id, db) else { return }
            try EventRecord.note(deed.action, record, attributes: deed.attributes, db)
        }
    }

    /// Notes that the images of these manifests were written to an archive.
    func noteSaved(_ manifests: [Digest]) async {
        await noteQuietly { db in
            for manifest in manifests {
                let ids = try db.texts(
                    """
                    SELECT id FROM images WHERE manifest = ?1
                    UNION SELECT image FROM imageNames WHERE manifest = ?1
                    UNION SELECT image FROM imageNames
                    WHERE imageIndex = ?1 AND reference NOT LIKE '%@%'
                    """,
                    [manifest.description]
                )
                for id in ids { try EventRecord.note("save", image: id, db) }
            }
        }
    }

    /// Notes that a pull found what is here already.
    func notePulled(_ image: Digest, by reference: ImageReference) async {
        await noteQuietly { db in
            try EventRecord.noteTransfer(
                "pull",
                of: "\(image)",
                as: reference.resolvable.familiar,
                repository: reference.familiarName,
                db
            )
        }
    }

    /// Notes that unused things of a kind were removed, and how many bytes that gave.
    package func notePruned(_ kind: EventRecord.Kind, bytes: Int64) async {
        await noteQuietly { db in
            try EventRecord.note(
                kind,
                "prune",
                subject: "",
                name: "",
                project: nil,
                attributes: ["reclaimed": "\(bytes)"],
                db
            )
        }
    }

    func noteQuietly(_ body: @escaping @Sendable (Database) throws -> Void) async {
        do { try await store.writeEnd(body) } catch {
            logger.debug("event not written", metadata: ["error": "\(error)"])
        }
    }
}

// MARK: Further processes

/// A further process, as its events name it.
struct NotedExec: Sendable {
    let container: ContainerID
    /// Docker's random identifier.
    let id = ContainerID.random().text
}

extension Engine {
    /// Notes that a further process is being started.
    func noteExec(_ arguments: [String], in container: ContainerID) async -> NotedExec {
        let noted = NotedExec(container: container)
        // Docker's words: the program, a blank, and the arguments, of which there may be none.
        let command = (arguments.first ?? "") + " " + arguments.dropFirst().joined(separator: " ")
        await noteQuietly { db in
            guard let record = try ContainerRecord.find(container, db) else { return }
            for action in ["exec_create", "exec_start"] {
                try EventRecord.note(
                    "\(action): \(command)",
                    record,
                    attributes: ["execID": noted.id],
                    db
                )
            }
        }
        return noted
    }

    /// Notes how it ended.
    func noteEnd(of exec: NotedExec, code: Int32) async {
        await noteQuietly { db in
            guard let record = try ContainerRecord.find(exec.container, db) else { return }
            try EventRecord.note(
                "exec_die",
                record,
                attributes: ["execID": exec.id, "exitCode": "\(code)"],
                db
            )
        }
    }
}
