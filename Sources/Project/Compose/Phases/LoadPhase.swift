/// The phases that a file goes through after it was parsed, by name, in the order in which they run.
/// `Phase` has the row of each; docs/compose.md says what they do.
package enum LoadPhase: String, CaseIterable, Sendable {
    // Of each document.
    case interpolate
    case canonicalise
    case dropVersion = "drop version"
    case include
    case extend
    case merge
    // Of the files that make up a model: those of the project, and those of each `include`.
    case resolveDuplicates = "resolve duplicates"
    case resolvePaths = "resolve paths"
    // Of the project.
    case setDefaults = "set defaults"
    case checkCompleteness = "check completeness"
    case normalise
    case checkRules = "check rules"
    case readValues = "read values"
    case selectProfiles = "select profiles"
    case checkReferences = "check references"
    case selectServices = "select services"
    case lint
    case dropServices = "drop services"
    case dropResources = "drop resources"
    case resolveEnvironment = "resolve environment"
    case readSeccompProfiles = "read seccomp profiles"
    case readDeviceFiles = "read device files"
    case checkHostNames = "check host names"
    case checkAttributes = "check attributes"
    case checkValues = "check values"
    case bind
}
