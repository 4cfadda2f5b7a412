import Compose
import Engine
import OrderedCollections
import Reconciler

/// The project a command looks at: by its file, or by its name alone, since `down` and `ps` work
/// without the file.
struct ProjectScope {
    var name: String
    /// nil when only the name was given.
    var project: Project?
    /// Ours, and beneath it what the project's `.env` says.
    let environment: [String: String]
    /// What the file has that is wrong, where the command goes on without it.
    let setAside: SetAside

    /// With `-p` and no `-f` the name is enough; otherwise the file says it. What only finds, shows
    /// or stops containers is not kept from it by values that are wrong in the file.
    /// - Throws: for a name that no project can have, as loading its file does.
    init(_ options: ProjectOptions, settingProblemsAside: Bool = true) throws {
        if let name = options.projectName, !name.isEmpty, options.files.isEmpty {
            try ProjectName.check(name)
            self.name = name
            environment = Machine.environment()
            setAside = SetAside()
            return
        }
        let loaded = try options.loadToLookUp(settingProblemsAside: settingProblemsAside)
        name = loaded.project.name
        project = loaded.project
        environment = loaded.environment
        setAside = loaded.setAside
    }

    /// The services that the file has, active or not, and those that programs provide; nil without a
    /// file.
    var declaredServices: Set<String>? {
        project.map {
            Set($0.services.keys).union($0.disabledServices.keys).union($0.providers.keys)
        }
    }

    /// The project's containers, all or those of `services`; one-off ones only when asked for. None
    /// without a session, where nothing was ever done.
    /// Without a file nobody can say which services there are: one that has no container is told, and
    /// is no error, as with docker compose.
    /// - Throws: for a service that the file does not have.
    func containers(
        of services: [String],
        in session: Session?,
        withOneOff: Bool = false
    ) async throws -> [ObservedContainer] {
        var all: [ObservedContainer] = []
        if let session {
            all = try await session.supervising {
                try await session.engine.observe(project: name).containers
                    .filter { withOneOff || !$0.record.isOneOff }
            }
        }
        for service in services {
            if let declaredServices {
                guard !declaredServices.contains(service) else { continue }
                throw Failure("no such service: \(service)")
            } else if !all.contains(where: { $0.record.service == service }) {
                Progress.message("note: project \(name) has no container of service \"\(service)\"")
            }
        }
        guard !services.isEmpty else { return all }
        return all.filter { services.contains($0.record.service ?? "") }
    }

    /// The container of a service that runs: the one of that number, or else, as for docker's 0, the
    /// first; a one-off one when there is no other.
    /// - Throws: when there is none.
    func runningContainer(
        of service: String,
        index: Int?,
        in session: Session?
    ) async throws -> (record: ContainerRecord, session: Session) {
        let index = index == 0 ? nil : index
        let candidates = try await containers(of: [service], in: session, withOneOff: index == nil)
            .sorted { ($0.record.number ?? .max) < ($1.record.number ?? .max) }
        let chosen = candidates.first {
            index == nil ? $0.initPID != nil : $0.record.number == index
        }
        guard let session, let record = chosen?.record else {
            let number = index.map { " container #\($0)" } ?? ""
            throw Failure("service \"\(service)\" is not running\(number)")
        }
        return (record, session)
    }

    /// What a verb on `services`, or on none by name, means.
    func extent(of services: [String]) -> Extent { Extent(of: services, in: project) }
}
