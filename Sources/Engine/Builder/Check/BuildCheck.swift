/// The checks of Dockerfiles that docker knows, by the names that it gives them.
package enum BuildCheck: String, CaseIterable, Hashable, Sendable {
    case stageNameCasing = "StageNameCasing"
    case fromAsCasing = "FromAsCasing"
    case noEmptyContinuation = "NoEmptyContinuation"
    case consistentInstructionCasing = "ConsistentInstructionCasing"
    case duplicateStageName = "DuplicateStageName"
    case reservedStageName = "ReservedStageName"
    case jsonArgsRecommended = "JSONArgsRecommended"
    case maintainerDeprecated = "MaintainerDeprecated"
    case undefinedArgInFrom = "UndefinedArgInFrom"
    case undefinedVar = "UndefinedVar"
    case workdirRelativePath = "WorkdirRelativePath"
    case multipleInstructionsDisallowed = "MultipleInstructionsDisallowed"
    case legacyKeyValueFormat = "LegacyKeyValueFormat"
    case redundantTargetPlatform = "RedundantTargetPlatform"
    case secretsUsedInArgOrEnv = "SecretsUsedInArgOrEnv"
    case invalidDefaultArgInFrom = "InvalidDefaultArgInFrom"
    case fromPlatformFlagConstDisallowed = "FromPlatformFlagConstDisallowed"
    case copyIgnoredFile = "CopyIgnoredFile"
    case invalidBaseImagePlatform = "InvalidBaseImagePlatform"
    case exposeProtoCasing = "ExposeProtoCasing"
    case exposeInvalidFormat = "ExposeInvalidFormat"
    case invalidDefinitionDescription = "InvalidDefinitionDescription"

    /// Only where `check=experimental=` asks for it.
    package var isExperimental: Bool { self == .invalidDefinitionDescription }

    /// Docker's page about the check.
    package var address: String {
        "https://docs.docker.com/go/dockerfile/rule/\(pageName)/"
    }

    /// `JSONArgsRecommended` is `json-args-recommended` there.
    private var pageName: String {
        var words: [String] = []
        let letters = Array(rawValue)
        for (index, letter) in letters.enumerated() {
            let previous = index > 0 ? letters[index - 1] : nil
            let next = index + 1 < letters.count ? letters[index + 1] : nil
            let begins =
                letter.isUppercase
                && (previous == nil || previous?.isLowercase == true || next?.isLowercase == true)
            if begins { words.append("") }
            words[words.count - 1].append(letter.lowercased())
        }
        return words.joined(separator: "-")
    }

    /// What the check is for, in docker's words.
    package var summary: String {
        switch self {
        case .stageNameCasing: "Stage names should be lowercase"
        case .fromAsCasing: "The 'as' keyword should match the case of the 'from' keyword"
        case .noEmptyContinuation:
            "Empty continuation lines will become errors in a future release"
        case .consistentInstructionCasing:
            "All commands within the Dockerfile should use the same casing (either upper or lower)"
        case .duplicateStageName: "Stage names should be unique"
        case .reservedStageName: "Reserved words should not be used as stage names"
        case .jsonArgsRecommended:
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related "
                + "to OS signals"
        case .maintainerDeprecated:
            "The MAINTAINER instruction is deprecated, use a label instead to define an image "
                + "author"
        case .undefinedArgInFrom: "FROM command must use declared ARGs"
        case .undefinedVar: "Variables should be defined before their use"
        case .workdirRelativePath:
            "Relative workdir without an absolute workdir declared within the build can have "
                + "unexpected results if the base image changes"
        case .multipleInstructionsDisallowed:
            "Multiple instructions of the same type should not be used in the same stage"
        case .legacyKeyValueFormat:
            "Legacy key/value format with whitespace separator should not be used"
        case .redundantTargetPlatform:
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the "
                + "default behavior"
        case .secretsUsedInArgOrEnv: "Sensitive data should not be used in the ARG or ENV commands"
        case .invalidDefaultArgInFrom:
            "Default value for global ARG results in an empty or invalid base image name"
        case .fromPlatformFlagConstDisallowed:
            "FROM --platform flag should not use a constant value"
        case .copyIgnoredFile: "Attempting to Copy file that is excluded by .dockerignore"
        case .invalidBaseImagePlatform:
            "Base image platform does not match expected target platform"
        case .exposeProtoCasing: "Protocol in EXPOSE instruction should be lowercase"
        case .exposeInvalidFormat:
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will "
                + "become an error in a future release"
        case .invalidDefinitionDescription:
            "Comment for build stage or argument should follow the format: "
                + "`# <arg/stage name> <description>`. If this is not intended to be a "
                + "description comment, add an empty line or comment between the instruction and "
                + "the comment."
        }
    }
}

/// Something that a check found.
package struct CheckFinding: Hashable, Sendable {
    /// Which check.
    package var check: BuildCheck
    /// What is wrong there, in docker's words.
    package var detail: String
    /// The instruction's, counted from 1.
    package var lines: ClosedRange<Int>
    /// Of its first character, counted from 1.
    package var column: Int
}
