import Linux

/// Which crash points which command comes by at least, as docs/reliability.md says it.
enum CrashTable {
    static let commands = ["up", "down", "pull", "build", "run", "rm"]

    /// By command, of its own process.
    static let ofCommands: [String: Set<CrashPoint>] = [
        "up": [
            .filePlaced, .fileWritten, .firewallChanged, .folderMade, .kernelSettingWritten,
            .linksChanged, .lockTaken, .programStarted, .requestAnswered, .requestSent,
            .transactionCommitted,
        ],
        "down": [
            .lockTaken, .movedToTrash, .requestAnswered, .requestSent, .transactionCommitted,
            .treeRemoved,
        ],
        "rm": [
            .lockTaken, .movedToTrash, .requestAnswered, .requestSent, .transactionCommitted,
            .treeRemoved,
        ],
        "run": [
            .lockTaken, .requestAnswered, .requestSent, .transactionCommitted,
        ],
        "build": [
            .filePlaced, .fileWritten, .folderMade, .lockTaken, .transactionCommitted,
            .treeRemoved, .programStarted, .storePlaced,
        ],
        "pull": [
            .filePlaced, .fileWritten, .folderMade, .lockTaken, .programStarted, .storePlaced,
            .transactionCommitted, .treeRemoved,
        ],
    ]
    /// By command, of the supervisor while that runs; `pull` and `build` ask none.
    static let ofSupervisors: [String: Set<CrashPoint>] = [
        "up": [
            .adopted, .containerCreated, .containerStarted, .filePlaced, .fileWritten,
            .firewallChanged, .folderMade, .kernelSettingWritten, .linksChanged, .listening,
            .lockTaken, .namesServed, .networksAttached, .programStarted, .requestDone,
            .requestTaken, .startRecorded, .transactionCommitted, .treeRemoved,
            .volumeContentMoved, .volumeContentReady,
        ],
        "down": [
            .endRecorded, .endSeen, .firewallChanged, .linksChanged, .lockTaken, .requestDone,
            .requestTaken, .retired, .signalSent, .transactionCommitted, .unreachable,
        ],
        "rm": [
            .endRecorded, .endSeen, .firewallChanged, .linksChanged, .lockTaken, .requestDone,
            .requestTaken, .retired, .signalSent, .transactionCommitted, .unreachable,
        ],
        "run": [
            .containerCreated, .containerStarted, .endRecorded, .endSeen, .linksChanged,
            .namesServed, .networksAttached, .programStarted, .requestDone, .requestTaken,
            .startRecorded, .transactionCommitted,
        ],
    ]

    static func points(of role: CrashSite.Role, during command: String) -> Set<CrashPoint> {
        let table = role == .command ? ofCommands : ofSupervisors
        return table[command] ?? []
    }

    /// The rows of the page's table.
    static var rows: [String] {
        CrashPoint.allCases.map { point in
            let cells = CrashSite.Role.allCases.map { role in
                commands.filter { points(of: role, during: $0).contains(point) }
                    .joined(separator: ", ")
            }
            return "| `\(point.rawValue)` | \(cells.joined(separator: " | ")) |"
        }
    }
}
