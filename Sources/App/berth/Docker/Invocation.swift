/// How the program was called.
enum Invocation {
    /// By docker's command line: usage errors exit with 125, and refusals have docker's preface.
    @TaskLocal static var calledAsDocker = false
}
