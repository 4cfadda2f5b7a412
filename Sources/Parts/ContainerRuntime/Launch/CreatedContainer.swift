package import Linux

/// A container whose init waits for the word to execute its program.
package final class CreatedContainer: Sendable {
    package let id: ContainerID
    package let name: String
    /// For printing and for `/proc`; the init cannot be replaced while this object lives.
    package let initPID: Int32
    /// Its network namespace; nil with the host's network.
    package let netns: SharedFD?

    init(id: ContainerID, name: String, initPID: Int32, netns: SharedFD?) {
        self.id = id
        self.name = name
        self.initPID = initPID
        self.netns = netns
    }

    /// Says that the network is ready and waits until the program was executed.
    /// When that fails nothing is left, and the error names the stage.
    package func start() async throws -> RunningContainer {
        throw RuntimeError(container: name, message: "not built yet")
    }

    /// Ends it instead; nothing is left.
    package func abort() async {
    }
}
