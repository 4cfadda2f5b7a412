extension Engine {
    /// Refuses to end a container that is to run again, or to make place for its successor, where the
    /// disk has no room for what a start writes: its records, and the files of its run.
    package func checkRoom() throws {
        for folder in [layout.root, layout.run] {
            guard
                let shortage = DiskReserve.shortage(
                    in: folder,
                    bytes: Self.bytesOfStart,
                    inodes: Self.inodesOfStart
                )
            else { continue }
            throw EngineError(
                .state,
                "no container can be started with the state in \(folder)",
                because: shortage,
                remedy: "what runs was left running; free some space and run the command again"
            )
        }
    }

    /// More than the files of a run have, and what SQLite may need for its log.
    private static let bytesOfStart: UInt64 = 512 << 10
    private static let inodesOfStart: UInt64 = 32
}
