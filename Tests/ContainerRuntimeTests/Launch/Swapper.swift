import CLinux
import Foundation
import Glibc
import Linux
import Synchronization

/// Exchanges two names for each other as fast as it can, on a thread of its own, until it is stopped.
final class Swapper: Sendable {
    private final class State: Sendable {
        let exchanged = Atomic<Int>(0)
        let isStopped = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
    }
    private let state = State()

    init(_ first: String, _ second: String) throws {
        let state = state
        try startThread {
            while !state.isStopped.load(ordering: .relaxed) {
                let flag = UInt32(RENAME_EXCHANGE)
                if berth_renameat2(AT_FDCWD, first, AT_FDCWD, second, flag) == 0 {
                    state.exchanged.add(1, ordering: .relaxed)
                }
            }
            state.hasEnded.store(true, ordering: .releasing)
        }
    }

    /// How often it has exchanged them.
    func stop() async -> Int {
        state.isStopped.store(true, ordering: .relaxed)
        while !state.hasEnded.load(ordering: .acquiring) { await Task.yield() }
        return state.exchanged.load(ordering: .relaxed)
    }

    deinit { state.isStopped.store(true, ordering: .relaxed) }
}

/// How often what is a race is tried: a few times, or as often as `BERTH_RACES` asks for with any
/// value.
enum Iterations {
    static func ofRaces(_ few: Int, _ many: Int) -> Int {
        ProcessInfo.processInfo.environment["BERTH_RACES"] == nil ? few : many
    }
}
