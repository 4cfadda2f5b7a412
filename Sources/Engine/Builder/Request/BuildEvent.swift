/// What a build tells while it works. Events of different steps interleave.
package enum BuildEvent: Sendable, Equatable {
    case started(BuildStep)
    /// Ends a step that was started: its result was there.
    case cached(BuildStep)
    /// One line of a RUN's output, without its end.
    case output(BuildStep, String)
    /// Why the step was carried out or not, before it ends.
    case explained(BuildStep, String)
    case finished(BuildStep, Duration)
    case failed(BuildStep, String)
    /// Something to look at that does not stop the build.
    case warning(String)
    /// What the checks of the Dockerfile found, once.
    case findings([CheckFinding])
}

/// One step of a build as people see it.
package struct BuildStep: Sendable, Hashable {
    /// Unique within the build, in order of start, from 1.
    package var number: Int
    /// `[web build 2/5] RUN make`: name of the build, of the stage, place in the stage, text.
    package var title: String

    /// A step of the caller's own: its number is one that the build does not use.
    package init(number: Int, title: String) {
        self.number = number
        self.title = title
    }
}
