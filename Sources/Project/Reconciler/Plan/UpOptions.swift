/// The wishes of an `up` beyond the file: docker compose's flags.
package struct UpOptions: Equatable, Sendable {
    /// Empty is all that profiles enable.
    package var services: [String] = []
    /// `--no-deps` turns it off.
    package var withDependencies = true
    /// `--scale`.
    package var scale: [String: Int] = [:]
    package var recreation = Recreation.whenChanged
    /// `--always-recreate-deps`.
    package var alwaysRecreatesDependencies = false
    package var removesOrphans = false
    /// `COMPOSE_IGNORE_ORPHANS`.
    package var ignoresOrphans = false
    /// `-V`: recreated containers get new anonymous volumes.
    package var renewsAnonymousVolumes = false
    /// `--yes`: a volume that the file says otherwise is made again, and its data goes.
    package var renewsVolumes = false
    /// `--all-resources`: networks and volumes that no service uses, too.
    package var allResources = false
    /// `-t`: grace of every stop; nil is each container's own.
    package var grace: Duration?
    /// `--no-start` turns it off.
    package var starts = true
    /// `--wait`: also wait until what was asked for is running or healthy.
    package var waits = false
    /// `--adopt`: containers that another folder made under the same derived name may be replaced.
    package var adopts = false
    /// `--build` and `--no-build`.
    package var building = Building.asNeeded
    /// `--pull`, which overrides every `pull_policy` of the file; nil leaves it to the file.
    package var pull: Pull?

    /// Which containers that exist are replaced: `--force-recreate`, `--no-recreate`.
    package enum Recreation: Equatable, Sendable { case whenChanged, always, never }
    /// Which images are built before: `--build`, `--no-build`.
    package enum Building: Equatable, Sendable { case always, asNeeded, never }
    /// Which images are pulled before: `--pull`.
    package enum Pull: String, Equatable, Sendable, CaseIterable { case always, missing, never }

    package init() {}
}
