/// The steps that change something outside of a process's memory, each right after it is done: a
/// moment at which a kill may leave half of something. The moment before one is the moment after the
/// one before it. Tests kill berth at each pass of each (docs/reliability.md); in a release build a
/// pass is nothing.
package enum CrashPoint: String, CaseIterable, Sendable {
    // Files and records
    case transactionCommitted = "transaction-committed"
    case fileWritten = "file-written"
    case filePlaced = "file-placed"
    case folderMade = "folder-made"
    case lockTaken = "lock-taken"
    case treeRemoved = "tree-removed"
    case movedToTrash = "moved-to-trash"
    case storePlaced = "store-placed"
    case volumeContentReady = "volume-content-ready"
    case volumeContentMoved = "volume-content-moved"
    // The kernel
    case linksChanged = "links-changed"
    case firewallChanged = "firewall-changed"
    case kernelSettingWritten = "kernel-setting-written"
    case programStarted = "program-started"
    // What a command asks of a supervisor
    case requestSent = "request-sent"
    case requestAnswered = "request-answered"
    // A supervisor
    case requestTaken = "request-taken"
    case requestDone = "request-done"
    case containerCreated = "container-created"
    case networksAttached = "networks-attached"
    case namesServed = "names-served"
    case containerStarted = "container-started"
    case startRecorded = "start-recorded"
    case signalSent = "signal-sent"
    case endSeen = "end-seen"
    case endRecorded = "end-recorded"
    case adopted = "adopted"
    case listening = "listening"
    case retired = "retired"
    case unreachable = "unreachable"

    /// What a test sets in the environment and supervisors inherit; nothing in a release build.
    package static var inheritedVariables: [String] {
        #if DEBUG
            [CrashRequest.variable]
        #else
            []
        #endif
    }

    /// Says that the process has come here.
    package func pass() {
        #if DEBUG
            CrashRequest.current?.passed(self)
        #endif
    }
}
